package nuage.runtime;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.logging.LogFormat;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.Locale;
import java.util.TimeZone;

/** Writes events as frames to standard output: type, length, microseconds since the epoch, then the text. */
final class Log implements LambdaLogger {
    private static final int FRAME_TYPE = 0xa55a0003;
    private static final int FRAME_HEAD_BYTES = 16;

    private final OutputStream output = new FileOutputStream(FileDescriptor.out);
    private final LogFormat format;
    private final LogLevel least;
    /** Of the invocation that runs in a thread, and in those that it begins; null before the first. */
    final ThreadLocal<InvocationContext> context = new InheritableThreadLocal<>();

    Log(String format, String level) {
        this.format = LogFormat.fromString(format == null ? "TEXT" : format);
        this.least = LogLevel.fromString(level == null ? "UNDEFINED" : level);
    }

    /** Makes this the logger that code without a context finds. */
    void install() throws ReflectiveOperationException {
        Field logger = LambdaRuntime.class.getDeclaredField("logger");
        logger.setAccessible(true);
        logger.set(null, this);
    }

    @Override
    public void log(String message) {
        log(message, LogLevel.UNDEFINED);
    }

    @Override
    public void log(byte[] message) {
        log(message, LogLevel.UNDEFINED);
    }

    @Override
    public void log(String message, LogLevel level) {
        if (!shows(level)) {
            return;
        }
        String text = String.valueOf(message);
        if (format == LogFormat.JSON) {
            text = structured(text, level);
        } else if (level != LogLevel.UNDEFINED) {
            text = "[" + level + "] " + text;
        }
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void log(byte[] message, LogLevel level) {
        if (shows(level)) {
            write(message);
        }
    }

    /** An error that the runtime reports. */
    void failure(Throwable thrown) {
        log(Failure.event(thrown), format == LogFormat.JSON ? LogLevel.ERROR : LogLevel.UNDEFINED);
    }

    private boolean shows(LogLevel level) {
        return level == LogLevel.UNDEFINED || level.ordinal() >= least.ordinal();
    }

    private String structured(String message, LogLevel level) {
        StringBuilder out = new StringBuilder("{\"timestamp\":\"").append(now()).append("\",\"message\":");
        Json.quote(message, out);
        out.append(",\"level\":\"").append(level).append('"');
        InvocationContext invocation = context.get();
        if (invocation != null) {
            out.append(",\"AWSRequestId\":");
            Json.quote(invocation.getAwsRequestId(), out);
            if (invocation.getTenantId() != null) {
                out.append(",\"tenantId\":");
                Json.quote(invocation.getTenantId(), out);
            }
        }
        return out.append("}\n").toString();
    }

    private static String now() {
        Calendar now = new GregorianCalendar(TimeZone.getTimeZone("UTC"), Locale.ROOT);
        StringBuilder out = new StringBuilder(24);
        int[][] parts = {
            {now.get(Calendar.YEAR), 4, '-'},
            {now.get(Calendar.MONTH) + 1, 2, '-'},
            {now.get(Calendar.DAY_OF_MONTH), 2, 'T'},
            {now.get(Calendar.HOUR_OF_DAY), 2, ':'},
            {now.get(Calendar.MINUTE), 2, ':'},
            {now.get(Calendar.SECOND), 2, '.'},
            {now.get(Calendar.MILLISECOND), 3, 'Z'},
        };
        for (int[] part : parts) {
            String digits = Integer.toString(part[0]);
            for (int missing = part[1] - digits.length(); missing > 0; missing--) {
                out.append('0');
            }
            out.append(digits).append((char) part[2]);
        }
        return out.toString();
    }

    private void write(byte[] message) {
        ByteBuffer frame = ByteBuffer.allocate(FRAME_HEAD_BYTES + message.length);
        frame.putInt(FRAME_TYPE).putInt(message.length).putLong(System.currentTimeMillis() * 1000).put(message);
        try {
            synchronized (output) {
                output.write(frame.array());
            }
        } catch (IOException closed) {
            // The function closed its standard output; there is nowhere left to say so.
        }
    }
}
