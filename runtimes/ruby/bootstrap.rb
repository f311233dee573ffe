# frozen_string_literal: true

# The interface client of Ruby functions: fetches invocations from the Runtime API and runs the handler.
#
# Started with the argument "wait" it begins before the function is known: it loads what handlers usually load, then
# reads its assignment, {"environment": {name: value}}, from descriptor 3 until the end. Otherwise the environment
# variables are there already. Standard output carries lines and, between them, frames: events of several lines.
#
# The behaviour is that of AWS's own client; this one has no dependencies.

require 'json'
require 'socket'
require 'stringio'

# Where a function may replace how events are read and answers are written, as with AWS's client.
module AwsLambda
  class Marshaller
    class << self
      def marshall_request(raw_request)
        raw_request['Content-Type'] == 'application/json' ? JSON.parse(raw_request.body) : raw_request.body
      end

      def marshall_response(method_response)
        case method_response
        when StringIO, IO then [method_response, 'application/unknown']
        else method_response.to_json
        end
      end
    end
  end
end

# The context object of one invocation.
class LambdaContext
  attr_reader :aws_request_id, :invoked_function_arn, :log_group_name, :log_stream_name, :function_name,
              :memory_limit_in_mb, :function_version, :identity, :client_context, :deadline_ms, :tenant_id

  def initialize(request)
    @deadline_ms = request['Lambda-Runtime-Deadline-Ms'].to_i
    @aws_request_id = request['Lambda-Runtime-Aws-Request-Id']
    @invoked_function_arn = request['Lambda-Runtime-Invoked-Function-Arn']
    @tenant_id = request['Lambda-Runtime-Aws-Tenant-Id']
    @log_group_name = ENV['AWS_LAMBDA_LOG_GROUP_NAME']
    @log_stream_name = ENV['AWS_LAMBDA_LOG_STREAM_NAME']
    @function_name = ENV['AWS_LAMBDA_FUNCTION_NAME']
    @memory_limit_in_mb = ENV['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']
    @function_version = ENV['AWS_LAMBDA_FUNCTION_VERSION']
    @identity = parse(request['Lambda-Runtime-Cognito-Identity'])
    @client_context = parse(request['Lambda-Runtime-Client-Context'])
  end

  def get_remaining_time_in_millis
    [@deadline_ms - Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond), 0].max
  end

  private

  def parse(header)
    JSON.parse(header) if header
  end
end

module Nuage
  ASSIGNMENT_FD = 3
  # What the function's library of gems and files is looked for in.
  LIBRARY_VARIABLE = 'RUBYLIB'

  # A file that takes whole events: type, length, microseconds since the epoch, then the text.
  class EventSink
    FRAME_TYPE = 0xa55a0003

    def write(text, *more)
      text = [text, *more].join unless more.empty?
      bytes = text.to_s.encode('UTF-8', invalid: :replace, undef: :replace).b
      time = Process.clock_gettime(Process::CLOCK_REALTIME, :microsecond)
      frame = [FRAME_TYPE, bytes.bytesize, time >> 32, time & 0xffffffff].pack('N4') + bytes
      frame = frame.byteslice(STDOUT.syswrite(frame)..) until frame.empty?
      bytes.bytesize
    end

    def close; end
  end

  SINK = EventSink.new

  # Text and JSON events of Ruby's own Logger, as AWS writes them.
  module LogFormat
    def self.json?
      ENV['AWS_LAMBDA_LOG_FORMAT'].to_s.casecmp?('JSON')
    end

    def self.level
      level = ENV['AWS_LAMBDA_LOG_LEVEL'].to_s.downcase
      level = 'debug' if level == 'trace'
      %w[debug info warn error fatal].include?(level) ? level : 'debug'
    end

    def self.text(severity, time, progname, message)
      stamp = time.strftime('%Y-%m-%dT%H:%M:%S.%6N')
      head = format('%s, [%s #%d] %5s %s -- %s: ', severity[0], stamp, $$, severity, Nuage.request_id, progname)
      "#{head}#{shown(message)}\n"
    end

    def self.structured(severity, time, progname, message)
      event = { timestamp: time.getutc.strftime('%Y-%m-%dT%H:%M:%S.%6NZ'), level: severity,
                message: message.is_a?(Exception) ? message.message : shown(message), requestId: Nuage.request_id }
      event[:logger] = progname.to_s unless progname.to_s.empty?
      if message.is_a?(Exception)
        event.update(errorType: message.class.to_s, errorMessage: message.message, stackTrace: Array(message.backtrace))
        place = message.backtrace&.first
        found = place&.match(/\A(.+):(\d+):in [`'](.+)'\z/)
        event[:location] = found ? "#{found[1]}:#{found[3]}:#{found[2]}" : place
      end
      "#{JSON.generate(event.compact)}\n"
    end

    def self.shown(message)
      case message
      when String then message
      when Exception then "#{message.message} (#{message.class})\n#{Array(message.backtrace).join("\n")}"
      else message.inspect
      end
    end

    # Goes before Logger's own initializer.
    module Patch
      def initialize(logdev = nil, *arguments, **options)
        standard = logdev.nil? || logdev == $stdout || logdev == $stderr
        return super unless standard

        json = LogFormat.json?
        options[:level] ||= LogFormat.level
        options[:formatter] ||= json ? LogFormat.method(:structured) : LogFormat.method(:text)
        super(SINK, *arguments, **options)
      end
    end
  end

  # A request or response header is found whatever its case, as with Ruby's own HTTP library.
  class Received
    attr_reader :status, :body

    def initialize(status, headers, body)
      @status = status
      @headers = headers
      @body = body
    end

    def [](name)
      @headers[name.downcase]
    end
  end

  # One connection to the Runtime API, kept open. An answer and the next request travel together.
  class RuntimeApi
    NEXT = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n".b.freeze

    def initialize(address)
      @host, _, @port = address.rpartition(':')
    end

    def connect
      @socket&.close
      @socket = TCPSocket.new(@host, @port.to_i)
      @socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
      @socket.sync = true
    end

    def send_all(request)
      connect unless @socket
      @socket.write(request)
    end

    # The next response; nil when the connection has ended.
    def receive
      line = @socket.gets("\r\n") or return nil
      headers = {}
      while (header = @socket.gets("\r\n")) && header != "\r\n"
        name, value = header.split(':', 2)
        headers[name.downcase] = value.strip.force_encoding('UTF-8')
      end
      length = headers['content-length'].to_i
      body = length.zero? ? +'' : @socket.read(length)
      return nil if body.nil? || body.bytesize < length

      Received.new(line[9, 3], headers, body.force_encoding('UTF-8'))
    end

    # Sends an answer, if there is one, and waits for the next invocation. Ends the process when there is none to come.
    def next_invocation(answer = nil)
      accepted = nil
      2.times do
        begin
          send_all(answer ? answer + NEXT : NEXT)
          accepted = answer ? receive : true
        rescue SystemCallError, IOError
          accepted = nil
        end
        break if accepted

        # The connection was lost before the answer was taken.
        connect
      end
      if answer && accepted && accepted['Connection'] == 'close'
        # The answer was refused. What was wrong with it is known to the other side.
        connect
        send_all(NEXT)
      end
      received = receive
      exit!(1) if received.nil? || received.status != '200'
      received
    end

    # Sends a request that nothing follows.
    def last(request)
      send_all(request)
      receive
    end

    def self.post(path, body, type = 'application/json', error_type = nil)
      body = body.b
      head = "POST /2018-06-01/runtime/#{path} HTTP/1.1\r\nHost: runtime\r\nContent-Type: #{type}\r\n" \
             "Content-Length: #{body.bytesize}\r\n"
      head += "Lambda-Runtime-Function-Error-Type: #{error_type}\r\n" if error_type
      "#{head}\r\n".b + body
    end
  end

  # An exception as the invoker and the log see it.
  class Failure
    # Types that the runtime tells by name; others are the user's.
    NAMED = %w[ArgumentError NoMethodError Exception StandardError NameError LoadError SystemExit SystemStackError].freeze
    FRAMES_MAX = 100

    def initialize(exception, origin)
      @name = exception.class.to_s
      @type = "#{origin}<#{@name}>"
      message = exception.message
      # Ruby 3.1 adds the marked source line, later ones do not.
      message = exception.original_message if exception.respond_to?(:original_message)
      @message = message.to_s.encode('UTF-8', invalid: :replace, undef: :replace)
      frames = Array(exception.backtrace_locations).first(FRAMES_MAX).map(&:to_s)
      own = "#{File.dirname(File.expand_path(__FILE__))}/"
      @trace = frames.take_while { |frame| !frame.start_with?("#{own}bootstrap.rb") }
    end

    def document
      { errorMessage: @message, errorType: @type, stackTrace: @trace }
    end

    def reported_type
      NAMED.include?(@name) ? @type : 'Function<UserException>'
    end

    def log(title)
      if LogFormat.json?
        stamp = Time.now.utc.strftime('%Y-%m-%dT%H:%M:%S.%6NZ')
        event = { timestamp: stamp, level: 'ERROR', message: title, requestId: Nuage.request_id }.merge(document)
        SINK.write(JSON.generate(event.compact))
      else
        SINK.write("#{title}\n#{JSON.pretty_generate(document)}")
      end
    end

    def post(path)
      RuntimeApi.post(path, JSON.generate(document), 'application/json', reported_type)
    end
  end

  # The handler's name, and how it is called.
  class Handler
    attr_reader :file

    def initialize(name)
      parts = name.split('.')
      case parts.size
      when 2 then @file, @method = parts
      when 3 then @file, @class, @method = parts
      else
        raise ArgumentError, "Invalid handler #{parts}, must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD where " \
                             'FILENAME corresponds with an existing Ruby source file FILENAME.rb, CLASS is an optional ' \
                             'module/class namespace and METHOD is a callable method. If using CLASS, METHOD must be a ' \
                             'class-level method.'
      end
    end

    # The body of the answer and its type.
    def call(event, context)
      target = @class ? Kernel.const_get(@class) : self
      AwsLambda::Marshaller.marshall_response(target.__send__(@method, event: event, context: context))
    end
  end

  class << self
    attr_accessor :request_id

    def read_assignment
      assignment = JSON.parse(IO.for_fd(ASSIGNMENT_FD).read)
      ENV.replace(assignment['environment'])
    end

    def set_up
      $stdout.sync = true
      $stderr.sync = true
      Dir.chdir(ENV['LAMBDA_TASK_ROOT'])
      root = ENV['LAMBDA_TASK_ROOT']
      # Ruby itself reads these variables when it starts; whoever waited had others then.
      ENV[LIBRARY_VARIABLE].to_s.split(':').reverse_each { |folder| $LOAD_PATH.unshift(folder) unless $LOAD_PATH.include?(folder) }
      $LOAD_PATH.delete(root)
      $LOAD_PATH.unshift(root)
      Gem.clear_paths if defined?(Gem)
      ARGV.clear
    end

    def set_up_logger
      require 'logger'
      Logger.prepend(LogFormat::Patch)
    end

    def serve
      set_up
      set_up_logger
      api = RuntimeApi.new(ENV['AWS_LAMBDA_RUNTIME_API'])
      name = ENV['_HANDLER'].to_s
      begin
        handler = Handler.new(name)
        require handler.file
      rescue Exception => e # rubocop:disable Lint/RescueException
        failure = Failure.new(e, 'Init')
        failure.log("Init error when loading handler #{name}")
        api.last(failure.post('init/error'))
        exit!(252)
      end
      run(api, handler)
    end

    def run(api, handler)
      answer = nil
      loop do
        invocation = api.next_invocation(answer)
        self.request_id = $_global_aws_request_id = invocation['Lambda-Runtime-Aws-Request-Id']
        ENV['_X_AMZN_TRACE_ID'] = invocation['Lambda-Runtime-Trace-Id']
        path = "invocation/#{request_id}"
        begin
          event = AwsLambda::Marshaller.marshall_request(invocation)
          body, type = handler.call(event, LambdaContext.new(invocation))
          body = body.read if type == 'application/unknown'
          answer = RuntimeApi.post("#{path}/response", body, type || 'application/json')
        rescue Exception => e # rubocop:disable Lint/RescueException
          failure = Failure.new(e, 'Function')
          ordinary = e.is_a?(StandardError) && !e.is_a?(NameError)
          failure.log(ordinary ? 'Error raised from handler method' : 'Critical exception from handler')
          answer = failure.post("#{path}/error")
          next if ordinary

          # A mistake in the code itself, or the wish to end: this process is of no more use.
          api.last(answer)
          exit!(255)
        end
      end
    end

    def main
      if ARGV.include?('wait')
        require 'logger'
        %w[time date set securerandom base64 digest net/http uri].each { |name| require name }
        # A frame that is no event: it is ready.
        STDOUT.syswrite([0xa55a0000, 0, 0, 0].pack('N4'))
        read_assignment
      end
      serve
    end
  end
end

Nuage.main if $PROGRAM_NAME == __FILE__
