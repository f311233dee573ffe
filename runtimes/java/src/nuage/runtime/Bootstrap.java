package nuage.runtime;

import com.amazonaws.services.lambda.runtime.LambdaRuntimeInternal;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOError;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.crac.CheckpointException;
import org.crac.Core;
import org.crac.RestoreException;

/**
 * The interface client of Java functions: fetches invocations from the Runtime API and runs the handler.
 *
 * <p>Started with the arguments {@code wait} and the path of the native library it begins before the function is known:
 * it runs a function of its own once, so that everything is loaded and linked, then reads its assignment,
 * {"environment": {name: value}}, from standard input until the end. With the argument {@code rehearse} it ends after its
 * own function: what it loaded goes into an archive of classes. Otherwise the environment variables are there already.
 */
public final class Bootstrap {
    private static final String NATIVE = "/var/runtime/bootstrap.so";
    /** In every sandbox. */
    private static final String RUNTIME_API = "127.0.0.1:9001";

    private static final String TRACE_PROPERTY = "com.amazonaws.xray.traceHeader";

    /** Whether several invocations are under way at once. Set before the first. */
    private static boolean concurrent;

    private Bootstrap() {}

    public static void main(String[] arguments) throws Throwable {
        String way = arguments.length > 0 ? arguments[0] : "";
        if (way.equals("rehearse")) {
            Rehearsal.run();
            return;
        }
        RuntimeApi api = null;
        if (way.equals("wait")) {
            Native.load(arguments[1]);
            Rehearsal.run();
            api = connect();
            // A frame that is no event: it is ready.
            new FileOutputStream(FileDescriptor.out).write(new byte[] {(byte) 0xa5, 0x5a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
            assume(readAll(new FileInputStream(FileDescriptor.in)), false);
        }
        serve(api);
    }

    /** A connection made while nobody waits; null where there is nothing to connect to yet. */
    private static RuntimeApi connect() throws IOException {
        RuntimeApi api = new RuntimeApi(RUNTIME_API);
        try {
            api.connect();
            return api;
        } catch (IOException refused) {
            return null;
        }
    }

    private static byte[] readAll(InputStream input) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream(16384);
        byte[] buffer = new byte[8192];
        for (int read = input.read(buffer); read > 0; read = input.read(buffer)) {
            all.write(buffer, 0, read);
        }
        return all.toByteArray();
    }

    /** Takes on the environment variables that an assignment names, if it names any. */
    private static void assume(byte[] assignment, boolean again) throws IOException {
        Map<?, ?> environment = (Map<?, ?>) ((Map<?, ?>) Json.parse(assignment)).get("environment");
        if (environment == null) {
            return;
        }
        StringBuilder block = new StringBuilder();
        for (Map.Entry<?, ?> entry : environment.entrySet()) {
            block.append(entry.getKey()).append('=').append(entry.getValue()).append('\0');
            if (again) {
                Native.renew((String) entry.getKey(), (String) entry.getValue());
            }
        }
        byte[] directory = (environment.get("LAMBDA_TASK_ROOT") + "\0").getBytes(StandardCharsets.UTF_8);
        int error = Native.assume(directory, block.toString().getBytes(StandardCharsets.UTF_8));
        if (error != 0) {
            throw new IOError(new IOException("the function's environment could not be assumed: error " + error));
        }
    }

    /** {@code early}: a connection to the usual Runtime API, if there is one. */
    private static void serve(RuntimeApi early) throws Throwable {
        System.setOut(stream(FileDescriptor.out));
        System.setErr(stream(FileDescriptor.err));
        Log log = new Log(System.getenv("AWS_LAMBDA_LOG_FORMAT"), System.getenv("AWS_LAMBDA_LOG_LEVEL"));
        log.install();
        String address = System.getenv("AWS_LAMBDA_RUNTIME_API");
        RuntimeApi api = early != null && RUNTIME_API.equals(address) ? early : new RuntimeApi(address);
        ClassLoader loader = loader(System.getenv("LAMBDA_TASK_ROOT"), "/opt/java");
        Thread.currentThread().setContextClassLoader(loader);
        Handler handler;
        try {
            String name = System.getenv("_HANDLER");
            handler = Handler.find(name == null ? "" : name, loader);
        } catch (Failure failure) {
            log.failure(failure);
            byte[] document = Failure.document(failure).getBytes(StandardCharsets.UTF_8);
            api.last(RuntimeApi.post("init/error", document, document.length, "Runtime.BadFunctionCode"));
            System.exit(1);
            return;
        }
        if ("snap-start".equals(System.getenv("AWS_LAMBDA_INITIALIZATION_TYPE"))) {
            passSnapshot(api, log);
        }
        String workers = System.getenv("AWS_LAMBDA_MAX_CONCURRENCY");
        concurrent = workers != null;
        for (int number = 1; workers != null && number < Integer.parseInt(workers); number++) {
            begin(handler, log, loader);
        }
        loop(api, handler, log, Integer.MAX_VALUE, loader);
    }

    /**
     * What a function registered around its snapshot. There is none of a JVM: it waits, initialized in full, until the
     * environment is wanted, and takes on the variables of then.
     */
    private static void passSnapshot(RuntimeApi api, Log log) throws Exception {
        String path = "init/error";
        String type = "Runtime.BeforeCheckpointError";
        try {
            Core.getGlobalContext().beforeCheckpoint(null);
            // Where the variables can not be renewed it goes on at once.
            if (Native.renews(NATIVE)) {
                byte[] assignment = api.awaitRestore();
                path = "restore/error";
                assume(assignment, true);
            }
            type = "Runtime.AfterRestoreError";
            Core.getGlobalContext().afterRestore(null);
        } catch (CheckpointException | RestoreException thrown) {
            log.failure(thrown);
            byte[] document = Failure.document(thrown).getBytes(StandardCharsets.UTF_8);
            api.last(RuntimeApi.post(path, document, document.length, type));
            System.exit(64);
        }
    }

    /** One more thread that serves invocations: where an environment takes several at once, each has one. */
    private static void begin(Handler handler, Log log, ClassLoader loader) {
        Thread thread = new Thread(() -> {
            try {
                loop(new RuntimeApi(System.getenv("AWS_LAMBDA_RUNTIME_API")), handler, log, Integer.MAX_VALUE, loader);
            } catch (Exception lost) {
                // The connection has ended, and with it the environment.
                Runtime.getRuntime().halt(1);
            }
        });
        thread.setContextClassLoader(loader);
        thread.setDaemon(true);
        thread.start();
    }

    private static PrintStream stream(FileDescriptor descriptor) throws IOException {
        return new PrintStream(new BufferedOutputStream(new FileOutputStream(descriptor), 8192), true, "UTF-8");
    }

    /** The package's folder, its {@code lib/*.jar} and those of layers; the runtime's own classes come first. */
    static ClassLoader loader(String taskRoot, String layers) throws MalformedURLException {
        List<URL> places = new ArrayList<>();
        places.add(new URL("file", null, -1, taskRoot + "/"));
        for (String folder : new String[] {taskRoot + "/lib", layers + "/lib"}) {
            String[] names = new File(folder).list();
            if (names == null) {
                continue;
            }
            Arrays.sort(names);
            for (String name : names) {
                if (name.endsWith(".jar")) {
                    places.add(new URL("file", null, -1, folder + "/" + name));
                }
            }
        }
        return new URLClassLoader(places.toArray(new URL[0]), ClassLoader.getSystemClassLoader());
    }

    /** Serves invocations, at most {@code count} of them. */
    static void loop(RuntimeApi api, Handler handler, Log log, int count, ClassLoader loader) throws Exception {
        byte[] answer = null;
        for (int number = 0; number < count; number++) {
            RuntimeApi.Received invocation = api.next(answer);
            String id = invocation.headers.get("lambda-runtime-aws-request-id");
            String trace = invocation.headers.get("lambda-runtime-trace-id");
            // Where several invocations share the properties, none of them may have one.
            if (trace == null || concurrent) {
                System.clearProperty(TRACE_PROPERTY);
            } else {
                System.setProperty(TRACE_PROPERTY, trace);
            }
            String path = "invocation/" + id;
            try {
                InvocationContext context = new InvocationContext(invocation.headers, log);
                log.context.set(context);
                if (LambdaRuntimeInternal.getUseLog4jAppender()) {
                    tellLog4j(id, loader);
                }
                byte[] body = handler.call(invocation.body, context);
                // What the handler left of it is not the next one's.
                Thread.interrupted();
                answer = RuntimeApi.post(path + "/response", body, body.length, null);
            } catch (Throwable thrown) {
                log.failure(thrown);
                byte[] body = Failure.document(thrown).getBytes(StandardCharsets.UTF_8);
                String type = thrown instanceof Failure ? "Runtime.BadFunctionCode" : "Runtime.UserException";
                answer = RuntimeApi.post(path + "/error", body, body.length, type);
                if (thrown instanceof VirtualMachineError || thrown instanceof IOError) {
                    // Whatever state this process is in now, no invocation should meet it.
                    api.last(answer);
                    Runtime.getRuntime().halt(1);
                }
            }
        }
        if (answer != null) {
            api.last(answer);
        }
    }

    /** The request id where Log4j's layouts look for it. */
    private static void tellLog4j(String id, ClassLoader loader) {
        String[] names = {"org.apache.log4j.MDC", "org.apache.logging.log4j.ThreadContext"};
        Class<?>[] values = {Object.class, String.class};
        for (int index = 0; index < names.length; index++) {
            try {
                Class.forName(names[index], true, loader)
                        .getMethod("put", String.class, values[index])
                        .invoke(null, "AWSRequestId", id);
            } catch (ReflectiveOperationException absent) {
                // Of the two versions a package has one.
            }
        }
    }
}
