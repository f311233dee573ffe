package nuage.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** One connection to the Runtime API, kept open. An answer and the next request travel together. */
final class RuntimeApi {
    private static final byte[] NEXT =
            "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final InetAddress host;
    private final int port;
    private Socket socket;
    private InputStream input;
    private OutputStream output;
    private byte[] buffer = new byte[65536];
    /** What has been received and not been used yet lies in {@code buffer} from {@code begin} to {@code end}. */
    private int begin;
    private int end;

    /** A response of the Runtime API. */
    static final class Received {
        final int status;
        /** Names in lower case. */
        final Map<String, String> headers;
        final byte[] body;

        Received(int status, Map<String, String> headers, byte[] body) {
            this.status = status;
            this.headers = headers;
            this.body = body;
        }
    }

    RuntimeApi(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        host = InetAddress.getByName(address.substring(0, colon));
        port = Integer.parseInt(address.substring(colon + 1));
    }

    void connect() throws IOException {
        close();
        begin = 0;
        end = 0;
        socket = new Socket(host, port);
        socket.setTcpNoDelay(true);
        input = socket.getInputStream();
        output = socket.getOutputStream();
    }

    void close() throws IOException {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }

    private void send(byte[] request) throws IOException {
        if (socket == null) {
            connect();
        }
        output.write(request);
    }

    /** The next response; null when the connection has ended. */
    private Received receive() throws IOException {
        int head = endOfHead();
        while (head < 0) {
            if (!fill()) {
                return null;
            }
            head = endOfHead();
        }
        String text = new String(buffer, begin, head - begin, StandardCharsets.UTF_8);
        Map<String, String> headers = new HashMap<>();
        int line = text.indexOf("\r\n");
        String first = line < 0 ? text : text.substring(0, line);
        while (line >= 0) {
            int next = text.indexOf("\r\n", line + 2);
            String header = next < 0 ? text.substring(line + 2) : text.substring(line + 2, next);
            int colon = header.indexOf(':');
            if (colon > 0) {
                headers.put(header.substring(0, colon).toLowerCase(), header.substring(colon + 1).trim());
            }
            line = next;
        }
        begin = head + 4;
        String length = headers.get("content-length");
        byte[] body = new byte[length == null ? 0 : Integer.parseInt(length)];
        int have = Math.min(body.length, end - begin);
        System.arraycopy(buffer, begin, body, 0, have);
        begin += have;
        while (have < body.length) {
            int read = input.read(body, have, body.length - have);
            if (read < 0) {
                return null;
            }
            have += read;
        }
        return new Received(Integer.parseInt(first.substring(9, 12)), headers, body);
    }

    private int endOfHead() {
        for (int index = begin; index + 3 < end; index++) {
            if (buffer[index] == '\r' && buffer[index + 1] == '\n' && buffer[index + 2] == '\r' && buffer[index + 3] == '\n') {
                return index;
            }
        }
        return -1;
    }

    private boolean fill() throws IOException {
        if (begin == end) {
            begin = 0;
            end = 0;
        } else if (end == buffer.length) {
            byte[] target = begin > 0 ? buffer : new byte[buffer.length * 2];
            System.arraycopy(buffer, begin, target, 0, end - begin);
            buffer = target;
            end -= begin;
            begin = 0;
        }
        int read = input.read(buffer, end, buffer.length - end);
        if (read > 0) {
            end += read;
        }
        return read > 0;
    }

    /** Sends an answer, if there is one, and waits for the next invocation. Ends the process when there is none to come. */
    Received next(byte[] answer) throws IOException {
        Received accepted = null;
        boolean sent = false;
        for (int attempt = 0; attempt < 2 && !sent; attempt++) {
            try {
                send(answer == null ? NEXT : join(answer, NEXT));
                accepted = answer == null ? null : receive();
                sent = answer == null || accepted != null;
            } catch (IOException lost) {
                sent = false;
            }
            if (!sent) {
                // The connection was lost before the answer was taken.
                connect();
            }
        }
        if (accepted != null && "close".equals(accepted.headers.get("connection"))) {
            // The answer was refused. What was wrong with it is known to the other side.
            connect();
            send(NEXT);
        }
        Received next = receive();
        if (next == null || next.status != 200) {
            Runtime.getRuntime().halt(1);
        }
        return next;
    }

    /** Waits, initialized, until the environment is wanted; what it is told of itself then may be empty. */
    byte[] awaitRestore() throws IOException {
        send("GET /2018-06-01/runtime/restore/next HTTP/1.1\r\nHost: runtime\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        Received restored = receive();
        if (restored == null || restored.status != 200) {
            Runtime.getRuntime().halt(1);
        }
        return restored.body;
    }

    /** Sends a request that nothing follows. */
    void last(byte[] request) throws IOException {
        send(request);
        receive();
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    static byte[] post(String path, byte[] body, int length, String errorType) {
        String head = "POST /2018-06-01/runtime/" + path + " HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + length + "\r\n"
                + (errorType == null ? "" : "Lambda-Runtime-Function-Error-Type: " + errorType + "\r\n") + "\r\n";
        byte[] bytes = head.getBytes(StandardCharsets.US_ASCII);
        byte[] request = new byte[bytes.length + length];
        System.arraycopy(bytes, 0, request, 0, bytes.length);
        System.arraycopy(body, 0, request, bytes.length, length);
        return request;
    }
}
