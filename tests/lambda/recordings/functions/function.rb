# What recorded functions do, by `scenario.txt` of the package: echo, tell of itself, or fail.
SCENARIO = File.read('/var/task/scenario.txt')
NAMES = %i[aws_request_id function_name function_version invoked_function_arn log_group_name log_stream_name
           memory_limit_in_mb].freeze

def handler(event:, context:)
  return event if SCENARIO == 'echo'
  raise "Error: #{event['error_msg']}" if SCENARIO == 'uncaughtexception'

  told = NAMES.to_h { |name| [name, context.public_send(name)] }
  told[:remaining_time_in_millis] = context.get_remaining_time_in_millis
  { ctx: told, environment: ENV.to_h, packages: [] }
end
