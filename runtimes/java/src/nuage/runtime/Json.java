package nuage.runtime;

import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON text to plain values and back: maps, lists, texts, truth values, null, {@link Integer}, {@link Long}, {@link
 * BigInteger} and {@link Decimal}.
 */
final class Json {
    /** Objects and arrays within each other: more than any payload needs, less than the stack holds. */
    private static final int DEPTH_MAX = 1000;

    private final String text;
    private int at;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    /** A number with a fraction or an exponent, as it was written. */
    static final class Decimal extends Number {
        private static final long serialVersionUID = 1;
        final String text;

        Decimal(String text) {
            this.text = text;
        }

        @Override
        public int intValue() {
            return (int) doubleValue();
        }

        @Override
        public long longValue() {
            return (long) doubleValue();
        }

        @Override
        public float floatValue() {
            return Float.parseFloat(text);
        }

        @Override
        public double doubleValue() {
            return Double.parseDouble(text);
        }

        BigDecimal bigDecimalValue() {
            return new BigDecimal(text);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    static Object parse(byte[] bytes) throws IOException {
        return parse(new String(bytes, StandardCharsets.UTF_8));
    }

    static Object parse(String text) throws IOException {
        Json json = new Json(text);
        json.skipSpace();
        if (json.at == text.length()) {
            throw new MismatchedInputException("No content to map due to end-of-input");
        }
        Object value = json.value();
        json.skipSpace();
        if (json.at != text.length()) {
            throw json.unexpected();
        }
        return value;
    }

    private IOException unexpected() {
        if (at >= text.length()) {
            return new MismatchedInputException("Unexpected end-of-input");
        }
        char found = text.charAt(at);
        return new MismatchedInputException(
                "Unexpected character ('" + found + "' (code " + (int) found + ")) at offset " + at);
    }

    private void skipSpace() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    private boolean take(char wanted) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private Object value() throws IOException {
        skipSpace();
        char first = at < text.length() ? text.charAt(at) : 0;
        switch (first) {
            case '{':
                return object();
            case '[':
                return array();
            case '"':
                return string();
            case 't':
                return word("true", Boolean.TRUE);
            case 'f':
                return word("false", Boolean.FALSE);
            case 'n':
                return word("null", null);
            case 'N':
                return word("NaN", new Decimal("NaN"));
            case 'I':
                return word("Infinity", new Decimal("Infinity"));
            default:
                return number();
        }
    }

    private Object word(String word, Object meaning) throws IOException {
        if (!text.startsWith(word, at)) {
            throw unexpected();
        }
        at += word.length();
        return meaning;
    }

    private void enter() throws IOException {
        at++;
        if (++depth > DEPTH_MAX) {
            throw new MismatchedInputException("Document nesting depth exceeds the maximum allowed (" + DEPTH_MAX + ")");
        }
    }

    private Map<String, Object> object() throws IOException {
        enter();
        Map<String, Object> map = new LinkedHashMap<>();
        if (!take('}')) {
            do {
                skipSpace();
                if (at >= text.length() || text.charAt(at) != '"') {
                    throw unexpected();
                }
                String name = string();
                if (!take(':')) {
                    throw unexpected();
                }
                map.put(name, value());
            } while (take(','));
            if (!take('}')) {
                throw unexpected();
            }
        }
        depth--;
        return map;
    }

    private List<Object> array() throws IOException {
        enter();
        List<Object> list = new ArrayList<>();
        if (!take(']')) {
            do {
                list.add(value());
            } while (take(','));
            if (!take(']')) {
                throw unexpected();
            }
        }
        depth--;
        return list;
    }

    private String string() throws IOException {
        int begin = ++at;
        while (at < text.length()) {
            char next = text.charAt(at);
            if (next == '"') {
                return text.substring(begin, at++);
            }
            if (next == '\\') {
                return escaped(begin);
            }
            at++;
        }
        throw unexpected();
    }

    private String escaped(int begin) throws IOException {
        StringBuilder out = new StringBuilder(text.length() - begin < 64 ? 64 : at - begin + 64);
        out.append(text, begin, at);
        while (at < text.length()) {
            char next = text.charAt(at++);
            if (next == '"') {
                return out.toString();
            }
            if (next != '\\') {
                out.append(next);
                continue;
            }
            if (at >= text.length()) {
                break;
            }
            char kind = text.charAt(at++);
            switch (kind) {
                case 'b':
                    out.append('\b');
                    break;
                case 'f':
                    out.append('\f');
                    break;
                case 'n':
                    out.append('\n');
                    break;
                case 'r':
                    out.append('\r');
                    break;
                case 't':
                    out.append('\t');
                    break;
                case 'u':
                    out.append(hexadecimal());
                    break;
                default:
                    out.append(kind);
            }
        }
        throw unexpected();
    }

    private char hexadecimal() throws IOException {
        int code = 0;
        for (int end = at + 4; at < end; at++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                throw unexpected();
            }
            code = code << 4 | digit;
        }
        return (char) code;
    }

    private Object number() throws IOException {
        int begin = at;
        boolean whole = true;
        if (at < text.length() && text.charAt(at) == '-') {
            at++;
            if (text.startsWith("Infinity", at)) {
                at += "Infinity".length();
                return new Decimal("-Infinity");
            }
        }
        int digits = at;
        while (at < text.length()) {
            char next = text.charAt(at);
            if (next == '.' || next == 'e' || next == 'E' || next == '+' || next == '-') {
                whole = false;
            } else if (next < '0' || next > '9') {
                break;
            }
            at++;
        }
        if (at == digits || text.charAt(digits) < '0' || text.charAt(digits) > '9') {
            at = begin;
            throw unexpected();
        }
        String number = text.substring(begin, at);
        if (!whole) {
            Decimal decimal = new Decimal(number);
            try {
                decimal.doubleValue();
            } catch (NumberFormatException malformed) {
                at = begin;
                throw unexpected();
            }
            return decimal;
        }
        if (at - digits > 18) {
            BigInteger big = new BigInteger(number);
            return big.bitLength() < 64 ? (Number) big.longValue() : big;
        }
        long value = Long.parseLong(number);
        if (value == (int) value) {
            return (int) value;
        }
        return value;
    }

    /** Appends a text with its quotes. */
    static void quote(String value, StringBuilder out) {
        out.append('"');
        int done = 0;
        int length = value.length();
        for (int index = 0; index < length; index++) {
            char next = value.charAt(index);
            if (next >= ' ' && next != '"' && next != '\\') {
                continue;
            }
            out.append(value, done, index);
            done = index + 1;
            switch (next) {
                case '"':
                case '\\':
                    out.append('\\').append(next);
                    break;
                case '\n':
                    out.append("\\n");
                    break;
                case '\r':
                    out.append("\\r");
                    break;
                case '\t':
                    out.append("\\t");
                    break;
                case '\b':
                    out.append("\\b");
                    break;
                case '\f':
                    out.append("\\f");
                    break;
                default:
                    out.append("\\u00").append(Character.forDigit(next >> 4, 16));
                    out.append(Character.toUpperCase(Character.forDigit(next & 15, 16)));
            }
        }
        out.append(value, done, length).append('"');
    }
}
