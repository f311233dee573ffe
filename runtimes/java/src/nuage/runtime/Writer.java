package nuage.runtime;

import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Calendar;
import java.util.Date;
import java.util.Iterator;
import java.util.Map;

/** What handlers return to JSON, by the rules of AWS's runtime. */
final class Writer {
    /** Values within each other, as AWS's library bounds them. */
    private static final int DEPTH_MAX = 1000;

    private final StringBuilder out = new StringBuilder();
    private int depth;

    private Writer() {}

    static String write(Object value) throws IOException {
        Writer writer = new Writer();
        writer.value(value);
        return writer.out.toString();
    }

    private void value(Object value) throws IOException {
        if (value == null || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof CharSequence || value instanceof Character) {
            Json.quote(value.toString(), out);
        } else if (value instanceof Number) {
            number((Number) value);
        } else if (value instanceof Enum) {
            Json.quote(((Enum<?>) value).name(), out);
        } else if (value instanceof Date) {
            out.append(((Date) value).getTime());
        } else if (value instanceof Calendar) {
            out.append(((Calendar) value).getTimeInMillis());
        } else if (value instanceof ByteBuffer) {
            ByteBuffer copy = ((ByteBuffer) value).duplicate();
            byte[] bytes = new byte[copy.remaining()];
            copy.get(bytes);
            binary(bytes);
        } else if (value instanceof Class) {
            Json.quote(((Class<?>) value).getName(), out);
        } else {
            if (++depth > DEPTH_MAX) {
                throw new InvalidDefinitionException(
                        "Document nesting depth (" + depth + ") exceeds the maximum allowed (" + DEPTH_MAX + ")");
            }
            container(value);
            depth--;
        }
    }

    private void number(Number number) {
        boolean finite = !(number instanceof Double && (((Double) number).isNaN() || ((Double) number).isInfinite()))
                && !(number instanceof Float && (((Float) number).isNaN() || ((Float) number).isInfinite()));
        if (finite) {
            out.append(number);
        } else {
            Json.quote(number.toString(), out);
        }
    }

    private void binary(byte[] bytes) {
        out.append('"').append(Base64.getEncoder().encodeToString(bytes)).append('"');
    }

    private void container(Object value) throws IOException {
        if (value instanceof Map) {
            map((Map<?, ?>) value);
        } else if (value instanceof Iterable && !(value instanceof java.nio.file.Path)) {
            items(((Iterable<?>) value).iterator());
        } else if (value instanceof Iterator) {
            items((Iterator<?>) value);
        } else if (value.getClass().isArray()) {
            array(value);
        } else if (value instanceof java.util.Optional) {
            value(((java.util.Optional<?>) value).orElse(null));
        } else if (value.getClass().getName().startsWith("java.time.")) {
            time(value);
        } else if (isText(value)) {
            Json.quote(value.toString(), out);
        } else {
            bean(value);
        }
    }

    private static boolean isText(Object value) {
        String name = value.getClass().getName();
        return value instanceof java.util.UUID || value instanceof java.net.URI || value instanceof java.net.URL
                || value instanceof java.io.File || value instanceof java.nio.file.Path
                || value instanceof java.util.Locale || value instanceof java.util.Currency
                || value instanceof java.util.regex.Pattern || value instanceof java.util.TimeZone
                || value instanceof java.nio.charset.Charset || name.startsWith("java.util.concurrent.atomic.")
                || name.startsWith("org.joda.time.");
    }

    private void map(Map<?, ?> map) throws IOException {
        out.append('{');
        boolean first = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (entry.getKey() == null) {
                throw new InvalidDefinitionException("Null key for a Map not allowed in JSON (use a converting "
                        + "NullKeySerializer?)");
            }
            if (!first) {
                out.append(',');
            }
            first = false;
            Object key = entry.getKey();
            Json.quote(key instanceof Enum ? ((Enum<?>) key).name() : key.toString(), out);
            out.append(':');
            value(entry.getValue());
        }
        out.append('}');
    }

    private void items(Iterator<?> items) throws IOException {
        out.append('[');
        boolean first = true;
        while (items.hasNext()) {
            if (!first) {
                out.append(',');
            }
            first = false;
            value(items.next());
        }
        out.append(']');
    }

    private void array(Object array) throws IOException {
        if (array instanceof byte[]) {
            binary((byte[]) array);
        } else if (array instanceof char[]) {
            Json.quote(new String((char[]) array), out);
        } else {
            out.append('[');
            for (int index = 0; index < Array.getLength(array); index++) {
                if (index > 0) {
                    out.append(',');
                }
                value(Array.get(array, index));
            }
            out.append(']');
        }
    }

    private void bean(Object bean) throws IOException {
        out.append('{');
        boolean first = true;
        for (Bean.Property property : Bean.of(bean.getClass()).properties.values()) {
            if (!property.readable()) {
                continue;
            }
            Object value;
            try {
                value = property.get(bean);
            } catch (InvocationTargetException thrown) {
                Throwable cause = thrown.getCause();
                throw (IOException) new InvalidDefinitionException(cause.getMessage() + " (through reference chain: "
                                + bean.getClass().getName() + "[\"" + property.name + "\"])")
                        .initCause(cause);
            } catch (ReflectiveOperationException closed) {
                // A member of one of Java's own classes.
                continue;
            }
            if (value == null) {
                continue;
            }
            if (!first) {
                out.append(',');
            }
            first = false;
            Json.quote(property.name, out);
            out.append(':');
            value(value);
        }
        out.append('}');
    }

    /** Points in time are seconds with nine digits, dates and clock times are arrays of their parts. */
    private void time(Object value) {
        if (value instanceof java.time.OffsetDateTime) {
            value = ((java.time.OffsetDateTime) value).toInstant();
        } else if (value instanceof java.time.ZonedDateTime) {
            value = ((java.time.ZonedDateTime) value).toInstant();
        }
        if (value instanceof java.time.Instant) {
            java.time.Instant instant = (java.time.Instant) value;
            seconds(instant.getEpochSecond(), instant.getNano());
        } else if (value instanceof java.time.Duration) {
            seconds(((java.time.Duration) value).getSeconds(), ((java.time.Duration) value).getNano());
        } else if (value instanceof java.time.LocalDate) {
            out.append('[');
            date((java.time.LocalDate) value);
            out.append(']');
        } else if (value instanceof java.time.LocalTime) {
            out.append('[');
            clock((java.time.LocalTime) value);
            out.append(']');
        } else if (value instanceof java.time.LocalDateTime) {
            out.append('[');
            date(((java.time.LocalDateTime) value).toLocalDate());
            out.append(',');
            clock(((java.time.LocalDateTime) value).toLocalTime());
            out.append(']');
        } else if (value instanceof java.time.Year) {
            out.append(value);
        } else {
            Json.quote(value.toString(), out);
        }
    }

    private void seconds(long whole, int nanos) {
        out.append(BigDecimal.valueOf(whole).add(BigDecimal.valueOf(nanos, 9)).setScale(9).toPlainString());
    }

    private void date(java.time.LocalDate date) {
        out.append(date.getYear()).append(',').append(date.getMonthValue()).append(',').append(date.getDayOfMonth());
    }

    private void clock(java.time.LocalTime time) {
        out.append(time.getHour()).append(',').append(time.getMinute());
        if (time.getSecond() > 0 || time.getNano() > 0) {
            out.append(',').append(time.getSecond());
        }
        if (time.getNano() > 0) {
            out.append(',').append(time.getNano());
        }
    }
}
