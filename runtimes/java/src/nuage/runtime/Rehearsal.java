package nuage.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Invocations of functions of its own, over a real connection: what they load and link is ready for the function's. */
final class Rehearsal {
    /** After a few rounds the interpreter of bytecode has resolved what one round resolves. */
    private static final int INVOCATIONS = 3;

    private Rehearsal() {}

    /** An event and an answer as handlers have them. */
    public static final class Item {
        private String name;
        private int count;
        private List<String> tags;

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public int getCount() {
            return count;
        }

        public void setCount(int count) {
            this.count = count;
        }

        public List<String> getTags() {
            return tags;
        }

        public void setTags(List<String> tags) {
            this.tags = tags;
        }
    }

    /** A handler as people write them. */
    public static final class Mapped implements RequestHandler<Map<String, Object>, Map<String, Object>> {
        @Override
        public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
            Map<String, Object> answer = new LinkedHashMap<>(event);
            answer.put("id", context.getAwsRequestId());
            answer.put("left", context.getRemainingTimeInMillis());
            return answer;
        }
    }

    /** Another. */
    public static final class Plain {
        public Item handle(Item event, Context context) {
            event.setCount(event.getCount() + 1);
            return event;
        }
    }

    static void run() throws Exception {
        String[] handlers = {Mapped.class.getName(), Plain.class.getName() + "::handle"};
        ClassLoader loader = loader();
        for (String name : handlers) {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                Thread peer = new Thread(new Peer(server));
                peer.setDaemon(true);
                peer.start();
                RuntimeApi api = new RuntimeApi("127.0.0.1:" + server.getLocalPort());
                Bootstrap.loop(api, Handler.find(name, loader), new Log(null, null), INVOCATIONS, loader);
                api.close();
                peer.join();
            }
        }
        loadRest();
        new Log(null, null).install();
        Json.parse("{\"environment\":{\"A\":\"\\u0041\",\"B\":\"x\"}}");
        new java.io.PrintStream(new java.io.ByteArrayOutputStream(), true, "UTF-8").println("");
    }

    /**
     * What comes when the function is there, by name: {@link System#getenv} must not be called before, and no package's
     * folder is here. In other versions of Java they have other names, and are loaded then.
     */
    private static void loadRest() {
        String environment = "java.lang.ProcessEnvironment";
        String[] names = {
            environment,
            environment + "$ExternalData",
            environment + "$Variable",
            environment + "$Value",
            environment + "$StringEnvironment",
            "jdk.internal.loader.URLClassPath$FileLoader$1",
            "sun.misc.URLClassPath$FileLoader$1",
        };
        for (String name : names) {
            try {
                Class.forName(name, false, null);
            } catch (ClassNotFoundException other) {
                // As said.
            }
        }
    }

    /** Finds classes in a folder and in an archive, as it does for a package; none of them is there. */
    private static ClassLoader loader() throws Exception {
        String own = Rehearsal.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        String folder = new File(own).getParent();
        ClassLoader packageLoader = Bootstrap.loader(folder, folder);
        for (String absent : new String[] {"nuage.runtime.Absent", "Absent"}) {
            try {
                Class.forName(absent, true, packageLoader);
            } catch (ClassNotFoundException expected) {
                // To look for it was the aim.
            }
        }
        loadCopy(own);
        return packageLoader;
    }

    /** Defines a class of a package: its bytes, its package, its origin. */
    private static void loadCopy(String jar) throws Exception {
        final String name = Rehearsal.Item.class.getName();
        URL[] places = {new URL("file", null, -1, jar)};
        try (URLClassLoader alone = new URLClassLoader(places, null)) {
            Class<?> copy = Class.forName(name, true, alone);
            copy.getMethod("setName", String.class).invoke(copy.getConstructor().newInstance(), "x");
        }
    }

    /** The other side. */
    private static final class Peer implements Runnable {
        private final ServerSocket server;

        Peer(ServerSocket server) {
            this.server = server;
        }

        @Override
        public void run() {
            String event = "{\"name\":\"a\\n\",\"count\":1,\"tags\":[\"x\",\"y\"],\"more\":{\"a\":1.5,\"b\":null,\"c\":true}}";
            String head = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
                    + "Lambda-Runtime-Deadline-Ms: 1542409706888\r\nLambda-Runtime-Invoked-Function-Arn: arn\r\n"
                    + "Content-Length: " + event.length() + "\r\n\r\n" + event;
            byte[] next = head.getBytes(StandardCharsets.US_ASCII);
            byte[] taken = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            try (Socket peer = server.accept()) {
                peer.setTcpNoDelay(true);
                InputStream input = peer.getInputStream();
                OutputStream output = peer.getOutputStream();
                byte[] buffer = new byte[65536];
                for (int number = 0; number <= INVOCATIONS; number++) {
                    int read = input.read(buffer);
                    if (read < 0) {
                        return;
                    }
                    if (number > 0) {
                        output.write(taken);
                    }
                    if (number < INVOCATIONS) {
                        output.write(next);
                    }
                }
            } catch (java.io.IOException ended) {
                // The client's side says what is wrong, if anything is.
            }
        }
    }
}
