// The interface client of Node.js functions: fetches invocations from the Runtime API and runs the handler.
//
// Started with the argument "wait" it begins before the function is known: it rehearses invocations, then reads its
// assignment, {"environment": {name: value}}, from descriptor 3 until the end. Otherwise the environment variables are
// there already. Where AWS_LAMBDA_MAX_CONCURRENCY is set, threads serve as many invocations at once. Standard output
// carries lines and, between them, frames: events of several lines.
//
// The behaviour is that of AWS's own client; this one has no dependencies.
'use strict';

const fs = require('fs');
const net = require('net');
const path = require('path');
const threads = require('worker_threads');
const util = require('util');
const { Writable } = require('stream');

const ASSIGNMENT_FD = 3;
const NODE_MAJOR = Number(process.versions.node.split('.')[0]);

// ---- Errors

class RuntimeError extends Error {}
const runtimeError = (name) => {
  const kind = class extends RuntimeError {};
  kind.prototype.name = `Runtime.${name}`;
  return kind;
};
const ImportModuleError = runtimeError('ImportModuleError');
const HandlerNotFound = runtimeError('HandlerNotFound');
const MalformedHandlerName = runtimeError('MalformedHandlerName');
const UserCodeSyntaxError = runtimeError('UserCodeSyntaxError');
const MalformedStreamingHandler = runtimeError('MalformedStreamingHandler');
const InvalidStreamingOperation = runtimeError('InvalidStreamingOperation');
const CallbackHandlerDeprecated = runtimeError('CallbackHandlerDeprecated');
class NodeJsExit extends runtimeError('NodeJsExit') {
  constructor() {
    super(
      'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that ' +
        'was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
    );
  }
}
class UnhandledPromiseRejection extends runtimeError('UnhandledPromiseRejection') {
  constructor(reason, promise) {
    super(reason);
    this.reason = reason;
    this.promise = promise;
  }
}

const isText = (value) => typeof value === 'string' && value !== '';

/** The document that an invoker sees. */
function describe(error) {
  try {
    const looksLikeError = error && isText(error.name) && isText(error.message) && isText(error.stack);
    if (util.types.isNativeError(error) || looksLikeError) {
      const clean = (text) => (text === undefined || text === null ? undefined : text.replace(/\x7f/g, '%7F'));
      return {
        errorType: clean(error.name),
        errorMessage: clean(error.message),
        trace: clean(error.stack).split('\n'),
      };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch (_) {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, ' +
        'name, and stack',
    };
  }
}

/** The document that the log shows. */
function describeForLog(error) {
  const open = (_key, value) => {
    if (!(value instanceof Error)) return value;
    const shown = Object.assign({ errorType: value.name, errorMessage: value.message, code: value.code }, value);
    if (typeof value.stack === 'string') shown.stack = value.stack.split('\n');
    return shown;
  };
  try {
    return '\t' + JSON.stringify(error, open);
  } catch (_) {
    return '\t' + JSON.stringify(describe(error));
  }
}

// ---- Output

const REQUEST_ID = Symbol.for('aws.lambda.runtime.requestId');
const TENANT_ID = Symbol.for('aws.lambda.runtime.tenantId');
const FRAME_HEAD_BYTES = 16;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Held by the thread that writes, where there are several: its state is 0 (free), 1 (held) or 2 (held and wanted). */
let outputLock;

/** What `write` writes is not broken by another thread's output. */
function alone(write) {
  if (outputLock === undefined) return write();
  if (Atomics.compareExchange(outputLock, 0, 0, 1) !== 0) {
    while (Atomics.exchange(outputLock, 0, 2) !== 0) Atomics.wait(outputLock, 0, 2);
  }
  try {
    return write();
  } finally {
    if (Atomics.exchange(outputLock, 0, 0) === 2) Atomics.notify(outputLock, 0, 1);
  }
}

/** An event that may hold line breaks: type, length, microseconds since the epoch, then the text in UTF-8. */
function writeEvent(text, now) {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + length);
  frame.writeUInt32BE(0xa55a0003, 0);
  frame.writeUInt32BE(length, 4);
  frame.writeBigInt64BE(BigInt(now) * 1000n, 8);
  frame.write(text, FRAME_HEAD_BYTES);
  alone(() => {
    for (let written = 0; written < frame.length; ) {
      try {
        written += fs.writeSync(1, frame, written);
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
        // Someone made the pipe non-blocking, and it is full.
        Atomics.wait(sleeper, 0, 0, 1);
      }
    }
  });
}

let logError;

function patchConsole() {
  const json = (process.env.AWS_LAMBDA_LOG_FORMAT || '').toUpperCase() === 'JSON';
  const openErrors = (_key, value) =>
    value instanceof Error
      ? Object.assign(
          {
            errorType: value.constructor ? value.constructor.name : 'UnknownError',
            errorMessage: value.message,
            stackTrace: typeof value.stack === 'string' ? value.stack.split('\n') : value.stack,
          },
          value,
        )
      : value;
  const jsonEvent = (level, date, parameters) => {
    const event = { timestamp: date.toISOString(), level, requestId: global[REQUEST_ID] };
    if (global[TENANT_ID] !== undefined && global[TENANT_ID] !== null) event.tenantId = global[TENANT_ID];
    if (parameters.length === 1) {
      event.message = parameters[0];
      try {
        return JSON.stringify(event, openErrors);
      } catch (_) {
        event.message = util.format(event.message);
        return JSON.stringify(event);
      }
    }
    event.message = util.format(...parameters);
    const error = parameters.find((parameter) => parameter instanceof Error);
    if (error) {
      event.errorType = error.constructor ? error.constructor.name : 'UnknownError';
      event.errorMessage = error.message;
      event.stackTrace = typeof error.stack === 'string' ? error.stack.split('\n') : [];
    }
    return JSON.stringify(event);
  };
  const write = (level, parameters) => {
    const date = new Date();
    const text = json
      ? jsonEvent(level, date, parameters)
      : `${date.toISOString()}\t${global[REQUEST_ID]}\t${level}\t${util.format(...parameters)}\n`;
    writeEvent(text, date.valueOf());
  };
  const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
  const least = Math.max(0, levels.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL || '').toUpperCase()));
  levels.forEach((level, index) => {
    // Fatal messages are never held back.
    const shown = index >= least || level === 'FATAL';
    // The first parameter counts even when it is missing: `console.log()` prints "undefined".
    console[level.toLowerCase()] = shown
      ? (message, ...more) => write(level, [message, ...more])
      : () => {};
  });
  console.log = console.info;
  logError = (title, error) => {
    const native = error instanceof Error ? error : new Error(error);
    if (json) console.error(native);
    else console.error(title, describeForLog(native));
  };
}

// ---- The Runtime API

const NEXT = 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n';

const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type';
const ERROR_BODY = 'Lambda-Runtime-Function-Error-Body';
/** Servers bound trailers: this leaves room for Base64. */
const TRAILER_BYTES_MAX = 8192;

/** A text without what a header can not hold. */
const headerText = (text) => String(text).replace(/[^\x20-\x7e]/g, '?');

/** One connection, kept open. An answer and the next request travel together. */
class RuntimeApi {
  constructor(address) {
    const colon = address.lastIndexOf(':');
    this.host = address.slice(0, colon);
    this.port = Number(address.slice(colon + 1));
    this.socket = null;
    this.received = Buffer.alloc(0);
    /** Takes each response in the order of the requests. */
    this.waiting = [];
  }

  connect(socket = net.connect(this.port, this.host)) {
    socket.setNoDelay(true);
    socket.on('data', (data) => {
      if (socket === this.socket) this.take(data);
    });
    const ended = () => {
      if (socket === this.socket) this.lost();
    };
    socket.on('error', ended);
    socket.on('close', ended);
    this.socket = socket;
    this.received = Buffer.alloc(0);
  }

  /** Gives the connection up while it waits for an invocation; completes when the other side knows it. */
  leave() {
    const { socket } = this;
    this.socket = null;
    if (socket === null) return Promise.resolve();
    return new Promise((done) => {
      socket.once('close', done);
      socket.end();
    });
  }

  lost() {
    this.socket = null;
    const pending = this.waiting;
    this.waiting = [];
    if (pending.length === 0 || this.lostBefore) process.exit(1);
    this.lostBefore = true;
    // An answer that was refused costs the connection; what was wrong with it is known to the other side. One that was
    // not taken is sent again.
    const refused = this.sent > pending.length;
    this.send(refused ? NEXT : this.lastRequest, ...pending);
  }

  take(data) {
    this.received = this.received.length ? Buffer.concat([this.received, data]) : data;
    for (;;) {
      if (this.missing > this.received.length) return;
      const end = this.received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const lines = this.received.toString('utf8', 0, end).split('\r\n');
      const headers = {};
      for (let index = 1; index < lines.length; index++) {
        const colon = lines[index].indexOf(':');
        headers[lines[index].slice(0, colon).toLowerCase()] = lines[index].slice(colon + 1).trim();
      }
      const whole = end + 4 + Number(headers['content-length'] || 0);
      if (this.received.length < whole) {
        // Pieces of a long event are joined once, not each time that one arrives.
        this.missing = whole;
        return this.takeLong(whole);
      }
      const body = this.received.subarray(end + 4, whole);
      this.received = this.received.subarray(whole);
      const receiver = this.waiting.shift();
      if (receiver) receiver(lines[0].slice(9, 12), headers, body);
    }
  }

  takeLong(whole) {
    const pieces = [this.received];
    let length = this.received.length;
    const socket = this.socket;
    const previous = socket.listeners('data');
    socket.removeAllListeners('data');
    socket.on('data', (data) => {
      pieces.push(data);
      length += data.length;
      if (length < whole) return;
      socket.removeAllListeners('data');
      previous.forEach((listener) => socket.on('data', listener));
      this.missing = 0;
      this.received = Buffer.alloc(0);
      this.take(Buffer.concat(pieces));
    });
  }

  send(request, ...receivers) {
    if (this.socket === null) this.connect();
    this.waiting.push(...receivers);
    this.lastRequest = request;
    this.sent = receivers.length;
    this.socket.ref();
    this.socket.write(request);
  }

  /** Sends an answer, if there is one, and waits for the next invocation. */
  next(answer, onInvocation) {
    const onNext = (status, headers, body) => {
      if (status !== '200') process.exit(1);
      this.lostBefore = false;
      // A handler that leaves nothing to wait for is done, so an open connection must not count as something.
      this.socket.unref();
      onInvocation(headers, body);
    };
    if (answer === '') this.send(NEXT, onNext);
    else if (typeof answer === 'string') this.send(answer + NEXT, () => {}, onNext);
    else this.send(Buffer.concat([...answer, Buffer.from(NEXT)]), () => {}, onNext);
  }

  static head(target, length, headers) {
    return (
      `POST /2018-06-01/runtime/${target} HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${length}\r\n${headers}\r\n`
    );
  }

  static post(target, body, headers = '') {
    return RuntimeApi.head(target, Buffer.byteLength(body), headers) + body;
  }

  static failure(target, error) {
    const document = describe(error);
    const body = JSON.stringify(document);
    return RuntimeApi.post(target, body, `${ERROR_TYPE}: ${headerText(document.errorType)}\r\n`);
  }
}

// ---- The handler

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const INTEGRATION = 'application/vnd.awslambda.http-integration-response';

function offerStreaming() {
  const off = process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA;
  if (off === '1' || off === 'true') return;
  globalThis.awslambda = {
    streamifyResponse(handler, options) {
      handler[STREAMING] = 'response';
      if (options && typeof options.highWaterMark === 'number') {
        handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
      }
      return handler;
    },
    HttpResponseStream: {
      from(stream, prelude) {
        stream.setContentType(INTEGRATION);
        stream.prelude = Buffer.concat([Buffer.from(JSON.stringify(prelude)), Buffer.alloc(8)]);
        return stream;
      },
    },
  };
}

/**
 * What a streaming handler writes: an answer in chunks on a connection of its own, which begins with the first byte.
 * Writing waits for whoever reads the answer, as far as the high water mark lets it.
 */
class ResponseStream extends Writable {
  constructor(api, id, highWaterMark) {
    super({ decodeStrings: true, ...(highWaterMark === undefined ? {} : { highWaterMark }) });
    this.api = api;
    this.id = id;
    this.contentType = 'application/octet-stream';
    this.prelude = null;
    this.written = false;
    this.socket = null;
    /** Called with what became of the answer. */
    this.settle = null;
    /** Whether the end was sent. */
    this.complete = false;
    /** Completes when the other side has said what became of the answer, or is gone. */
    this.taken = new Promise((resolve) => {
      this.take = resolve;
    });
    /** Fails when whoever writes gives the answer up before. */
    this.lost = new Promise((_, reject) => {
      this.lose = reject;
    });
    this.lost.catch(() => {});
    // Whoever writes learns of it; nobody else needs to.
    this.on('error', () => {});
  }

  /** Whether something of the answer is, or will be, with the other side. */
  get begun() {
    return this.socket !== null || (this.writableLength > 0 && !this.destroyed);
  }

  setContentType(type) {
    if (this.written) throw new InvalidStreamingOperation('Cannot set content-type, too late.');
    this.contentType = type;
  }

  write(chunk, ...more) {
    this.written = true;
    const plain = typeof chunk === 'string' || chunk instanceof Uint8Array;
    return super.write(plain ? chunk : JSON.stringify(chunk), ...more);
  }

  /** Ends the answer with an error; what was written before it goes out first. */
  fail(error) {
    this.failure = error;
    if (this.destroyed) this.finish();
    else if (!this.writableEnded) this.end();
  }

  _write(chunk, _encoding, done) {
    this.send([chunk], done);
  }

  _writev(chunks, done) {
    this.send(chunks.map(({ chunk }) => chunk), done);
  }

  _final(done) {
    this.send([], () => {
      this.settle = done;
      this.finish();
    });
  }

  /** The connection is kept: without an end of the answer its invocation would not be over. */
  _destroy(error, done) {
    this.lose(error || new Error('socket hang up'));
    done(error);
  }

  finish() {
    if (this.complete) return;
    this.complete = true;
    this.socket.write('0\r\n' + (this.failure === undefined ? '' : ResponseStream.trailers(this.failure)) + '\r\n');
  }

  send(pieces, done) {
    if (this.socket === null) this.open();
    if (this.prelude) {
      pieces.unshift(this.prelude);
      this.prelude = null;
    }
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    // A chunk of no length would be the last one.
    if (length === 0) return done();
    const head = Buffer.from(length.toString(16) + '\r\n');
    return this.socket.write(Buffer.concat([head, ...pieces, Buffer.from('\r\n')]), done);
  }

  open() {
    this.written = true;
    const socket = net.connect(this.api.port, this.api.host);
    this.socket = socket;
    socket.setNoDelay(true);
    let heard = false;
    const hear = (error) => {
      if (heard) return;
      heard = true;
      this.complete = true;
      socket.destroy();
      this.take();
      if (this.settle) this.settle(error);
      else this.destroy(error);
    };
    socket.once('data', (data) => {
      const accepted = this.complete && data.toString('latin1', 9, 12) === '202';
      hear(accepted ? undefined : new Error(`The response was not accepted: ${data.toString()}`));
    });
    socket.on('error', hear);
    socket.on('end', () => hear(new Error('The connection of the response ended.')));
    socket.write(
      `POST /2018-06-01/runtime/invocation/${this.id}/response HTTP/1.1\r\nHost: runtime\r\n` +
        'Lambda-Runtime-Function-Response-Mode: streaming\r\n' +
        `Trailer: ${ERROR_TYPE}\r\nTrailer: ${ERROR_BODY}\r\n` +
        `Content-Type: ${this.contentType}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
    );
  }

  /** Runs the handler to the end of its answer; completes with what is still to be sent. */
  async carry(handle) {
    try {
      await handle();
      // What the handler left to others, such as a pipe, may still write.
      await Promise.race([this.taken, this.lost]);
    } catch (error) {
      logError('Invoke Error', error);
      // Before the first byte the answer can still be an error; behind it the stream ends with one.
      if (!this.begun) {
        this.destroy();
        return RuntimeApi.failure(`invocation/${this.id}/error`, error);
      }
      this.fail(error);
      await this.taken;
    }
    return '';
  }

  static trailers(error) {
    let document = describe(error);
    if (Buffer.byteLength(JSON.stringify(document)) > TRAILER_BYTES_MAX) {
      const cut = (text) => String(text).slice(0, 512);
      document = { errorType: cut(document.errorType), errorMessage: cut(document.errorMessage), trace: [] };
    }
    const body = Buffer.from(JSON.stringify(document)).toString('base64');
    return `${ERROR_TYPE}: ${headerText(document.errorType)}\r\n${ERROR_BODY}: ${body}\r\n`;
  }
}

/** Whether the nearest package.json says that .js files are ES modules. */
function isModulePackage(folder) {
  for (;;) {
    if (folder.endsWith('/node_modules')) return false;
    const file = path.join(folder, 'package.json');
    if (fs.existsSync(file)) {
      try {
        return JSON.parse(fs.readFileSync(file, 'utf8')).type === 'module';
      } catch (error) {
        console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
        return false;
      }
    }
    if (folder === '/') return false;
    folder = path.dirname(folder);
  }
}

async function loadModule(root, folder, name) {
  const file = path.resolve(root, folder, name);
  if (fs.existsSync(file) && fs.statSync(file).isFile()) return require(file);
  const script = file + '.js';
  if (fs.existsSync(script)) {
    return isModulePackage(path.dirname(script)) ? import(script) : require(script);
  }
  if (fs.existsSync(file + '.mjs')) return import(file + '.mjs');
  if (fs.existsSync(file + '.cjs')) return require(file + '.cjs');
  return require(require.resolve(name, { paths: [root, folder] }));
}

let toldOfSdk = false;

/** Says once how to get the AWS SDK, which functions need not bring on AWS, if it is this that was not found. */
function tellOfSdk(error) {
  const missing = error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND');
  if (toldOfSdk || !missing || !/^Cannot find (module|package) '@aws-sdk\//.test(error.message)) return;
  const installed = path.join(__dirname, 'node_modules/@aws-sdk');
  if (fs.existsSync(installed) && fs.readdirSync(installed).length > 0) return;
  toldOfSdk = true;
  const runtime = (process.env.AWS_EXECUTION_ENV || '').replace('AWS_Lambda_', '');
  writeEvent(
    'Nuage found no AWS SDK for JavaScript on its host. To give it to all functions, run there: ' +
      `nuage runtime install ${runtime}`,
    Date.now(),
  );
}

async function loadHandler(root, handler) {
  if (handler.includes('..')) {
    throw new MalformedHandlerName(
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const base = path.basename(handler);
  const folder = handler.slice(0, handler.indexOf(base));
  const dot = base.indexOf('.');
  if (dot < 0) throw new MalformedHandlerName('Bad handler');
  let module;
  try {
    module = await loadModule(root, folder, base.slice(0, dot));
  } catch (error) {
    tellOfSdk(error);
    if (error instanceof SyntaxError) throw new UserCodeSyntaxError(error);
    if (error && error.code === 'MODULE_NOT_FOUND') throw new ImportModuleError(error);
    throw error;
  }
  const found = base
    .slice(dot + 1)
    .split('.')
    .reduce((nested, key) => nested && nested[key], module);
  if (!found) throw new HandlerNotFound(`${handler} is undefined or not exported`);
  if (typeof found !== 'function') throw new HandlerNotFound(`${handler} is not a function`);
  if (found[STREAMING] && found[STREAMING] !== 'response') {
    throw new MalformedStreamingHandler('Only response streaming is supported.');
  }
  if (NODE_MAJOR >= 24 && found.length >= 3 && !found[STREAMING]) {
    throw new CallbackHandlerDeprecated(
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.',
    );
  }
  return found;
}

// ---- Invocations

/** What happens when nothing is left to wait for. */
let onEmptyLoop = () => {};
/** What happens with an error that nobody caught: a function of the error and the exit code. */
let onUncaught;

function parseHeader(value, name) {
  if (value === undefined) return undefined;
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${error.toString()}`);
  }
}

function fillContext(context, headers) {
  const environment = process.env;
  const trace = headers['lambda-runtime-trace-id'];
  // Where several invocations share the variables, none of them may have one.
  if (trace && invocations === undefined) environment._X_AMZN_TRACE_ID = trace;
  else delete environment._X_AMZN_TRACE_ID;
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return Object.assign(context, {
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parseHeader(headers['lambda-runtime-client-context'], 'ClientContext'),
    identity: parseHeader(headers['lambda-runtime-cognito-identity'], 'CognitoIdentity'),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    tenantId: headers['lambda-runtime-aws-tenant-id'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  });
}

class Runtime {
  constructor(api, handler) {
    this.api = api;
    this.handler = handler;
    this.run = handler[STREAMING] ? this.runStreaming : this.runPlain;
  }

  next(answer) {
    this.api.next(answer, (headers, body) => {
      const id = headers['lambda-runtime-aws-request-id'];
      global[REQUEST_ID] = id;
      global[TENANT_ID] = headers['lambda-runtime-aws-tenant-id'];
      onUncaught = (error, code) => {
        this.api.send(RuntimeApi.failure(`invocation/${id}/error`, error), () => process.exit(code));
      };
      this.run(id, headers, body);
    });
  }

  runPlain(id, headers, body) {
    let completed = false;
    let finished = false;
    let waitForEmptyLoop = true;
    const fail = (error) => {
      completed = true;
      tellOfSdk(error);
      logError('Invoke Error', error);
      this.next(RuntimeApi.failure(`invocation/${id}/error`, error));
    };
    const complete = (result) => {
      if (completed) return;
      completed = true;
      let text;
      try {
        text = JSON.stringify(result === undefined ? null : result);
      } catch (_) {
        throw new Error('Unable to stringify response body');
      }
      this.next(RuntimeApi.post(`invocation/${id}/response`, text === undefined ? 'null' : text));
    };
    const failed = (error) => error !== undefined && error !== null;
    const once = (call) => (...parameters) => {
      if (finished) return;
      call(...parameters);
      finished = true;
    };
    const done = (error, result) => {
      onEmptyLoop = () => {};
      if (failed(error)) fail(error);
      else complete(result);
    };
    const callback = once((error, result) => {
      onEmptyLoop = () => {};
      if (failed(error)) fail(error);
      else if (!waitForEmptyLoop) complete(result);
      else onEmptyLoop = () => setImmediate(() => complete(result));
    });
    const succeed = once((result) => done(null, result));
    const giveUp = once((error) => (failed(error) ? done(error) : done('handled')));
    const context = {};
    if (NODE_MAJOR < 24) {
      Object.assign(context, { succeed, fail: giveUp, done: once(done) });
      Object.defineProperty(context, 'callbackWaitsForEmptyEventLoop', {
        enumerable: true,
        get: () => waitForEmptyLoop,
        set(value) {
          waitForEmptyLoop = value;
        },
      });
    }
    // A handler that neither answers nor leaves anything to wait for has answered null, unless it has promised an answer.
    let promised = false;
    onEmptyLoop = () => {
      finished = true;
      if (promised && NODE_MAJOR >= 18) fail(new NodeJsExit());
      else complete(null);
    };
    try {
      const result = this.handler(JSON.parse(body.toString()), fillContext(context, headers), callback);
      if (result && typeof result.then === 'function') {
        promised = true;
        result.then(succeed, giveUp).catch(giveUp);
      }
    } catch (error) {
      callback(error);
    }
  }

  async runStreaming(id, headers, body) {
    const stream = new ResponseStream(this.api, id, this.handler[HIGH_WATER_MARK]);
    onEmptyLoop = () => {
      const error = new NodeJsExit();
      logError('Invoke Error', error);
      this.next(RuntimeApi.failure(`invocation/${id}/error`, error));
    };
    const reportUncaught = onUncaught;
    onUncaught = (error, code) => {
      if (!stream.begun) return reportUncaught(error, code);
      stream.taken.then(() => process.exit(code));
      return stream.fail(error);
    };
    const answer = await stream.carry(async () => {
      const context = fillContext({ callbackWaitsForEmptyEventLoop: true }, headers);
      const result = this.handler(JSON.parse(body.toString()), stream, context);
      if (!result || typeof result.then !== 'function') {
        throw new Error('Streaming does not support non-async handlers.');
      }
      if ((await result) !== undefined) console.warn('Streaming handlers ignore return values.');
    });
    onEmptyLoop = () => {};
    return this.next(answer);
  }
}

// ---- Several invocations at once

/** What an invocation of several keeps for itself: its id and its tenant. */
let invocations;

/**
 * Serves one invocation after the other on a connection of its own, while others do the same in this thread. As on AWS,
 * an answer does not wait for the event loop to be empty, because it never is.
 */
class Worker {
  constructor(api, handler) {
    this.api = api;
    this.handler = handler;
    this.id = undefined;
  }

  /** This thread ends for an error that nobody caught: what it has becomes of the error. */
  fail(error) {
    if (this.id === undefined) return undefined;
    return new Promise((done) => this.api.send(RuntimeApi.failure(`invocation/${this.id}/error`, error), done));
  }

  next(answer) {
    this.id = undefined;
    this.api.next(answer, (headers, body) => {
      // The thread goes on for this connection's sake.
      this.api.socket.ref();
      const id = headers['lambda-runtime-aws-request-id'];
      this.id = id;
      const own = { id, tenant: headers['lambda-runtime-aws-tenant-id'] };
      invocations.run(own, () => this.run(id, headers, body));
    });
  }

  run(id, headers, body) {
    if (this.handler[STREAMING]) return this.runStreaming(id, headers, body);
    let answered = false;
    const answer = (request) => {
      if (answered) return;
      answered = true;
      this.next(request());
    };
    const fail = (error) => answer(() => {
      logError('Invoke Error', error);
      return RuntimeApi.failure(`invocation/${id}/error`, error);
    });
    const complete = (result) => {
      let text;
      try {
        text = JSON.stringify(result === undefined ? null : result);
      } catch (_) {
        return fail(new Error('Unable to stringify response body'));
      }
      return answer(() => RuntimeApi.post(`invocation/${id}/response`, text === undefined ? 'null' : text));
    };
    const callback = (error, result) => (error === undefined || error === null ? complete(result) : fail(error));
    try {
      const result = this.handler(JSON.parse(body.toString()), fillContext({}, headers), callback);
      if (result && typeof result.then === 'function') result.then(complete, fail);
      // A handler that takes no callback and promises nothing has nothing more to say.
      else if (this.handler.length < 3) complete(null);
    } catch (error) {
      fail(error);
    }
    return undefined;
  }

  async runStreaming(id, headers, body) {
    const stream = new ResponseStream(this.api, id, this.handler[HIGH_WATER_MARK]);
    const event = JSON.parse(body.toString());
    return this.next(await stream.carry(() => this.handler(event, stream, fillContext({}, headers))));
  }
}

/** One thread, which serves `count` invocations at once. */
async function serveInThread({ lock, count }) {
  outputLock = lock;
  invocations = new (require('async_hooks').AsyncLocalStorage)();
  const own = (name) => ({ get: () => (invocations.getStore() || {})[name] });
  Object.defineProperty(global, REQUEST_ID, own('id'));
  Object.defineProperty(global, TENANT_ID, own('tenant'));
  patchConsole();
  const address = process.env.AWS_LAMBDA_RUNTIME_API;
  const workers = [];
  let ready = false;
  const end = async (title, error, code) => {
    logError(title, error);
    // Before anybody learns of it, so that no invocation comes here any more.
    await Promise.all(workers.map((worker) => worker.id === undefined && worker.api.leave()));
    await Promise.all(workers.map((worker) => worker.fail(error)));
    if (!ready) {
      const api = new RuntimeApi(address);
      await new Promise((done) => api.send(RuntimeApi.failure('init/error', error), done));
    }
    process.exit(code);
  };
  process.on('uncaughtException', (error) => end('Uncaught Exception', error, 129));
  process.on('unhandledRejection', (reason, promise) => {
    end('Unhandled Promise Rejection', new UnhandledPromiseRejection(reason, promise), 128);
  });
  offerStreaming();
  resolveAlongNodePath();
  let handler;
  try {
    handler = await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER || '');
  } catch (error) {
    return end('Uncaught Exception', error, 129);
  }
  ready = true;
  threads.parentPort.postMessage('ready');
  for (let index = 0; index < count; index++) workers.push(new Worker(new RuntimeApi(address), handler));
  workers.forEach((worker) => worker.next(''));
  return undefined;
}

/** As many threads as there are processors, and in each a part of the `count` invocations. */
function serveMany(count) {
  process.chdir(process.env.LAMBDA_TASK_ROOT);
  process.argv.splice(2);
  const processors = require('os').cpus().length || 1;
  const size = Math.min(count, processors);
  const lock = new Int32Array(new SharedArrayBuffer(4));
  let running = 0;
  const begin = (share) => {
    running++;
    let ready = false;
    // `process.env` is the same for all of them, which functions rely on as on AWS.
    const thread = new threads.Worker(__filename, { workerData: { lock, count: share }, env: threads.SHARE_ENV });
    thread.on('message', () => {
      ready = true;
    });
    thread.on('error', () => {});
    thread.on('exit', (code) => {
      running--;
      // One that has failed is replaced, unless it never got as far as to serve.
      if (ready) begin(share);
      else if (running === 0) process.exit(code || 1);
    });
  };
  for (let index = 0; index < size; index++) begin(Math.floor(count / size) + (index < count % size ? 1 : 0));
}

// ---- From the start to the loop

/** In every sandbox. */
const RUNTIME_API = '127.0.0.1:9001';

/** The status with which Node.js ends where a module waits for a promise that nobody settles. */
const UNSETTLED_AWAIT = 13;

/** How often a waiting process runs an invocation. */
const REHEARSALS = 20;

/** Invocations of a function of its own, served by itself: what they load and compile is ready when the function comes. */
function rehearse(then) {
  const invocation =
    'HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 0\r\nlambda-runtime-deadline-ms: 0\r\ncontent-length: 2\r\n\r\n{}';
  const server = net.createServer((peer) => {
    let turns = 0;
    peer.on('data', () => {
      if (turns === REHEARSALS) return peer.end();
      peer.write((turns === 0 ? '' : 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n') + invocation);
      turns++;
    });
    peer.on('close', () => server.close());
  });
  server.on('close', () => {
    onEmptyLoop = () => {};
    onUncaught = undefined;
    delete global[REQUEST_ID];
    delete global[TENANT_ID];
    // The function shall not find it.
    for (const child of module.children.splice(0)) delete require.cache[child.filename];
    then();
  });
  server.listen(0, '127.0.0.1', async () => {
    readAll(fs.openSync(__filename));
    useAssignment(Buffer.from(JSON.stringify({ environment: process.env })));
    patchConsole();
    offerStreaming();
    delete globalThis.awslambda;
    resolveAlongNodePath();
    const api = new RuntimeApi(`127.0.0.1:${server.address().port}`);
    let turns = 0;
    api.next = (answer, onInvocation) => {
      if (turns++ < REHEARSALS) return RuntimeApi.prototype.next.call(api, answer, onInvocation);
      const socket = api.socket;
      api.socket = null;
      socket.ref();
      socket.on('end', () => socket.end());
      socket.write('y');
    };
    new Runtime(api, await loadHandler(__dirname, 'rehearsal.handler')).next('');
  });
}

/** What rehearsals left would be collected while somebody waits. After two rounds nothing is young any more. */
function collectGarbage() {
  for (let round = 0; round < 2; round++) global.gc({ type: 'minor' });
}

function readAll(descriptor) {
  const parts = [];
  const buffer = Buffer.alloc(65536);
  for (;;) {
    const length = fs.readSync(descriptor, buffer);
    if (length === 0) break;
    parts.push(Buffer.from(buffer.subarray(0, length)));
  }
  fs.closeSync(descriptor);
  return Buffer.concat(parts);
}

function useAssignment(assignment) {
  const { environment } = JSON.parse(assignment.toString());
  // What the waiting process had is no part of the function's environment.
  const before = { ...process.env };
  for (const name of Object.keys(before)) if (!(name in environment)) delete process.env[name];
  for (const [name, value] of Object.entries(environment)) if (before[name] !== value) process.env[name] = value;
  require('module').Module._initPaths();
}

/** ES modules of layers: Node.js itself looks along NODE_PATH for CommonJS only. */
function resolveAlongNodePath() {
  const module = require('module');
  if (!fs.existsSync('/opt/nodejs') || typeof module.register !== 'function') return;
  const source = `
    import { createRequire } from 'node:module';
    const require = createRequire('/var/task/');
    export async function resolve(name, context, next) {
      try {
        return await next(name, context);
      } catch (error) {
        if (error.code !== 'ERR_MODULE_NOT_FOUND' || /^[./]/.test(name)) throw error;
        for (const folder of (process.env.NODE_PATH || '').split(':').filter(Boolean)) {
          try {
            return await next(name, { ...context, parentURL: 'file://' + folder.replace(/\\/node_modules$/, '') + '/x' });
          } catch (_) {}
        }
        throw error;
      }
    }`;
  module.register('data:text/javascript,' + encodeURIComponent(source));
}

/** `socket`: a connection to the usual Runtime API, if there is one. */
async function serve(socket) {
  const count = Number(process.env.AWS_LAMBDA_MAX_CONCURRENCY || 0);
  const usual = count === 0 && process.env.AWS_LAMBDA_RUNTIME_API === RUNTIME_API;
  if (socket && !usual) socket.destroy();
  if (count > 0) return serveMany(count);
  const root = process.env.LAMBDA_TASK_ROOT;
  process.chdir(root);
  process.argv.splice(2);
  patchConsole();
  const api = new RuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API);
  if (socket && usual) api.connect(socket);
  let failed = false;
  onUncaught = (error, code) => {
    failed = true;
    api.send(RuntimeApi.failure('init/error', error), () => process.exit(code));
  };
  process.on('uncaughtException', (error) => {
    logError('Uncaught Exception', error);
    onUncaught(error, 129);
  });
  process.on('unhandledRejection', (reason, promise) => {
    const error = new UnhandledPromiseRejection(reason, promise);
    logError('Unhandled Promise Rejection', error);
    onUncaught(error, 128);
  });
  process.on('beforeExit', () => onEmptyLoop());
  // As AWS's own client, which awaits the handler's module in a module, ends then.
  onEmptyLoop = () => {
    if (failed) return;
    process.stderr.write('Warning: Detected unsettled top-level await\n');
    process.exit(UNSETTLED_AWAIT);
  };
  offerStreaming();
  resolveAlongNodePath();
  let handler;
  try {
    handler = await loadHandler(root, process.env._HANDLER || '');
  } catch (error) {
    logError('Uncaught Exception', error);
    return onUncaught(error, 129);
  }
  // The initialization fails with a promise that was rejected in it, which is known when this turn of the loop is over.
  return setImmediate(() => {
    if (!failed) new Runtime(api, handler).next('');
  });
}

if (!threads.isMainThread && threads.workerData && threads.workerData.lock) {
  serveInThread(threads.workerData);
} else if (process.argv.includes('wait')) {
  rehearse(() => {
    const begin = () => {
      collectGarbage();
      // A frame that is no event: it is ready.
      fs.writeSync(1, Buffer.from('a55a0000'.padEnd(2 * FRAME_HEAD_BYTES, '0'), 'hex'));
      useAssignment(readAll(ASSIGNMENT_FD));
      serve(socket);
    };
    // While nobody waits.
    const [host, port] = RUNTIME_API.split(':');
    let socket = net.connect(Number(port), host);
    const failed = () => {
      socket = undefined;
      begin();
    };
    socket.once('error', failed).once('connect', () => {
      socket.off('error', failed).unref();
      begin();
    });
  });
} else {
  serve();
}
