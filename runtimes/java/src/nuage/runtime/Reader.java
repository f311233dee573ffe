package nuage.runtime;

import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Plain values of {@link Json} to the types of handlers, by the rules of AWS's runtime. */
final class Reader {
    private static final Map<TypeVariable<?>, Type> NO_VARIABLES = Collections.emptyMap();

    private Reader() {}

    static Object read(byte[] json, Type type) throws IOException {
        // Most handlers that take a map take the plain values as they are.
        return read(Json.parse(json), type, NO_VARIABLES, false);
    }

    private static Object read(Object value, Type type, Map<TypeVariable<?>, Type> variables, boolean event)
            throws IOException {
        if (type instanceof Class) {
            return readClass(value, (Class<?>) type, null, variables, event);
        }
        if (type instanceof ParameterizedType) {
            ParameterizedType generic = (ParameterizedType) type;
            return readClass(value, (Class<?>) generic.getRawType(), generic, variables, event);
        }
        if (type instanceof TypeVariable) {
            Type known = variables.get(type);
            return read(value, known == null ? ((TypeVariable<?>) type).getBounds()[0] : known, variables, event);
        }
        if (type instanceof WildcardType) {
            return read(value, ((WildcardType) type).getUpperBounds()[0], variables, event);
        }
        Type element = ((GenericArrayType) type).getGenericComponentType();
        return readArray(value, element, raw(element, variables), variables, event);
    }

    private static Class<?> raw(Type type, Map<TypeVariable<?>, Type> variables) {
        if (type instanceof Class) {
            return (Class<?>) type;
        }
        if (type instanceof ParameterizedType) {
            return (Class<?>) ((ParameterizedType) type).getRawType();
        }
        if (type instanceof TypeVariable) {
            Type known = variables.get(type);
            return raw(known == null ? ((TypeVariable<?>) type).getBounds()[0] : known, variables);
        }
        if (type instanceof WildcardType) {
            return raw(((WildcardType) type).getUpperBounds()[0], variables);
        }
        return Array.newInstance(raw(((GenericArrayType) type).getGenericComponentType(), variables), 0).getClass();
    }

    private static Object readClass(
            Object value, Class<?> type, ParameterizedType generic, Map<TypeVariable<?>, Type> variables, boolean event)
            throws IOException {
        if (type == Object.class) {
            return plain(value);
        }
        if (type.getName().equals("java.util.Optional")) {
            Type inner = generic == null ? Object.class : generic.getActualTypeArguments()[0];
            return java.util.Optional.ofNullable(value == null ? null : read(value, inner, variables, event));
        }
        if (value == null) {
            return type.isPrimitive() ? zero(type) : null;
        }
        if (type.isArray()) {
            return readArray(value, type.getComponentType(), type.getComponentType(), variables, event);
        }
        if (Collection.class.isAssignableFrom(type) || type == Iterable.class) {
            Type element = argument(type, generic, Iterable.class, 0, variables);
            return readCollection(value, type, element, variables, event);
        }
        if (Map.class.isAssignableFrom(type)) {
            Type key = argument(type, generic, Map.class, 0, variables);
            Type content = argument(type, generic, Map.class, 1, variables);
            return readMap(value, type, raw(key, variables), content, variables, event);
        }
        if (value instanceof List) {
            List<?> list = (List<?>) value;
            if (list.isEmpty()) {
                return type.isPrimitive() ? zero(type) : null;
            }
            if (list.size() == 1) {
                return readClass(list.get(0), type, generic, variables, event);
            }
            throw mismatch(type, value);
        }
        return value instanceof Map
                ? readBean((Map<?, ?>) value, type, generic, variables, event)
                : readScalar(value, type, event);
    }

    /** The argument of a collection's or map's type, looked for among what the class extends. */
    private static Type argument(
            Type type, ParameterizedType generic, Class<?> wanted, int index, Map<TypeVariable<?>, Type> variables) {
        Map<TypeVariable<?>, Type> known = new HashMap<>(variables);
        Type found = find(generic == null ? type : generic, wanted, known);
        if (!(found instanceof ParameterizedType)) {
            return Object.class;
        }
        Type argument = ((ParameterizedType) found).getActualTypeArguments()[index];
        for (int hops = 0; argument instanceof TypeVariable && known.containsKey(argument) && hops < 32; hops++) {
            argument = known.get(argument);
        }
        return argument;
    }

    private static Type find(Type type, Class<?> wanted, Map<TypeVariable<?>, Type> known) {
        Class<?> raw = raw(type, known);
        bind(type, known);
        if (raw == wanted) {
            return type;
        }
        List<Type> parents = new ArrayList<>();
        Collections.addAll(parents, raw.getGenericInterfaces());
        if (raw.getGenericSuperclass() != null) {
            parents.add(raw.getGenericSuperclass());
        }
        for (Type parent : parents) {
            if (wanted.isAssignableFrom(raw(parent, known))) {
                return find(parent, wanted, known);
            }
        }
        return null;
    }

    private static void bind(Type type, Map<TypeVariable<?>, Type> known) {
        if (type instanceof ParameterizedType) {
            ParameterizedType generic = (ParameterizedType) type;
            TypeVariable<?>[] names = ((Class<?>) generic.getRawType()).getTypeParameters();
            for (int index = 0; index < names.length; index++) {
                Type argument = generic.getActualTypeArguments()[index];
                if (argument != names[index]) {
                    known.put(names[index], argument);
                }
            }
        }
    }

    /** Values for those who take anything: numbers with a fraction become doubles. */
    @SuppressWarnings("unchecked")
    private static Object plain(Object value) {
        if (value instanceof Json.Decimal) {
            return ((Json.Decimal) value).doubleValue();
        }
        if (value instanceof Map) {
            for (Map.Entry<String, Object> entry : ((Map<String, Object>) value).entrySet()) {
                entry.setValue(plain(entry.getValue()));
            }
        } else if (value instanceof List) {
            List<Object> list = (List<Object>) value;
            for (int index = 0; index < list.size(); index++) {
                list.set(index, plain(list.get(index)));
            }
        }
        return value;
    }

    private static Object zero(Class<?> primitive) {
        return Array.get(Array.newInstance(primitive, 1), 0);
    }

    private static Object readArray(
            Object value, Type element, Class<?> raw, Map<TypeVariable<?>, Type> variables, boolean event)
            throws IOException {
        if (value == null) {
            return null;
        }
        if (value instanceof String && raw == byte.class) {
            return base64((String) value);
        }
        if (value instanceof String && raw == char.class) {
            return ((String) value).toCharArray();
        }
        if ("".equals(value)) {
            return null;
        }
        List<?> list = value instanceof List ? (List<?>) value : Collections.singletonList(value);
        Object array = Array.newInstance(raw, list.size());
        for (int index = 0; index < list.size(); index++) {
            Array.set(array, index, read(list.get(index), element, variables, event));
        }
        return array;
    }

    private static byte[] base64(String text) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException malformed) {
            throw new InvalidFormatException("Cannot access contents of binary field: " + malformed.getMessage());
        }
    }

    private static Object readCollection(
            Object value, Class<?> type, Type element, Map<TypeVariable<?>, Type> variables, boolean event)
            throws IOException {
        if ("".equals(value)) {
            return null;
        }
        List<?> list = value instanceof List ? (List<?>) value : Collections.singletonList(value);
        Collection<Object> into = newCollection(type, list.size());
        for (Object item : list) {
            into.add(read(item, element, variables, event));
        }
        return into;
    }

    @SuppressWarnings("unchecked")
    private static Collection<Object> newCollection(Class<?> type, int size) throws IOException {
        if (!Modifier.isAbstract(type.getModifiers())) {
            return (Collection<Object>) construct(type);
        }
        if (type.isAssignableFrom(ArrayList.class)) {
            return new ArrayList<>(size);
        }
        if (SortedSet.class.isAssignableFrom(type)) {
            return new TreeSet<>();
        }
        if (Set.class.isAssignableFrom(type)) {
            return new HashSet<>();
        }
        if (Queue.class.isAssignableFrom(type)) {
            return new ArrayDeque<>();
        }
        throw abstractType(type);
    }

    @SuppressWarnings("unchecked")
    private static Object readMap(
            Object value, Class<?> type, Class<?> key, Type content, Map<TypeVariable<?>, Type> variables, boolean event)
            throws IOException {
        if ("".equals(value) || value instanceof List && ((List<?>) value).isEmpty()) {
            return null;
        }
        if (value instanceof List && ((List<?>) value).size() == 1) {
            value = ((List<?>) value).get(0);
        }
        if (!(value instanceof Map)) {
            throw mismatch(type, value);
        }
        boolean asIs = type.isAssignableFrom(LinkedHashMap.class);
        if (asIs && (key == Object.class || key == String.class) && content == Object.class) {
            return plain(value);
        }
        Map<Object, Object> into;
        if (asIs) {
            into = new LinkedHashMap<>();
        } else if (!Modifier.isAbstract(type.getModifiers())) {
            into = (Map<Object, Object>) construct(type);
        } else if (SortedMap.class.isAssignableFrom(type)) {
            into = new TreeMap<>();
        } else if (ConcurrentMap.class.isAssignableFrom(type)) {
            into = new ConcurrentHashMap<>();
        } else {
            throw abstractType(type);
        }
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
            Object name = key == Object.class ? entry.getKey() : readScalar(entry.getKey(), key, event);
            into.put(name, read(entry.getValue(), content, variables, event));
        }
        return into;
    }

    private static Object readBean(
            Map<?, ?> map, Class<?> type, ParameterizedType generic, Map<TypeVariable<?>, Type> variables, boolean event)
            throws IOException {
        if (type.isPrimitive() || type.isEnum() || type == String.class || Number.class.isAssignableFrom(type)
                || type == Boolean.class || type == Character.class || type == Date.class) {
            throw mismatch(type, map);
        }
        Map<TypeVariable<?>, Type> known = new HashMap<>(variables);
        bind(generic == null ? type : generic, known);
        for (Class<?> at = type; at.getSuperclass() != null; at = at.getSuperclass()) {
            bind(at.getGenericSuperclass(), known);
        }
        Bean bean = Bean.of(type);
        if (bean.components != null) {
            return readRecord(map, type, bean, known);
        }
        if (Modifier.isAbstract(type.getModifiers())) {
            throw abstractType(type);
        }
        Object made = bean.event ? constructEvent(type) : construct(type);
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Bean.Property property = bean.find((String) entry.getKey());
            if (property != null) {
                set(made, property, entry.getValue(), known, bean.event || event);
            }
        }
        return made;
    }

    private static void set(
            Object bean, Bean.Property property, Object value, Map<TypeVariable<?>, Type> known, boolean event)
            throws IOException {
        try {
            if (property.setter != null) {
                Type wanted = property.setter.getGenericParameterTypes()[0];
                property.setter.invoke(bean, read(value, wanted, known, event));
            } else if (property.field != null && (property.fieldShows || event)) {
                property.field.set(bean, read(value, property.field.getGenericType(), known, event));
            }
        } catch (InvocationTargetException thrown) {
            Throwable cause = thrown.getCause();
            throw (IOException) new MismatchedInputException(
                            cause.getMessage() + " (through reference chain: " + bean.getClass().getName() + "[\""
                                    + property.name + "\"])")
                    .initCause(cause);
        } catch (ReflectiveOperationException closed) {
            throw new InvalidDefinitionException("Cannot set property '" + property.name + "': " + closed.getMessage());
        }
    }

    private static Object readRecord(Map<?, ?> map, Class<?> type, Bean bean, Map<TypeVariable<?>, Type> known)
            throws IOException {
        Object[] arguments = new Object[bean.components.size()];
        for (int index = 0; index < arguments.length; index++) {
            Bean.Property component = bean.components.get(index);
            arguments[index] = read(map.get(component.name), component.component, known, false);
        }
        try {
            return Bean.canonical(type).newInstance(arguments);
        } catch (ReflectiveOperationException thrown) {
            throw notConstructed(type, thrown);
        }
    }

    private static Object construct(Class<?> type) throws IOException {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            Bean.open(constructor);
            return constructor.newInstance();
        } catch (NoSuchMethodException missing) {
            throw new MismatchedInputException("Cannot construct instance of `" + type.getName()
                    + "` (no Creators, like default constructor, exist): cannot deserialize from Object value (no "
                    + "delegate- or property-based Creator)");
        } catch (ReflectiveOperationException thrown) {
            throw notConstructed(type, thrown);
        }
    }

    /** AWS's event classes may lack a constructor without parameters; their fields are set afterwards. */
    private static Object constructEvent(Class<?> type) throws IOException {
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            Class<?>[] types = constructor.getParameterTypes();
            Object[] nothing = new Object[types.length];
            for (int index = 0; index < types.length; index++) {
                nothing[index] = types[index].isPrimitive() ? zero(types[index]) : null;
            }
            Bean.open(constructor);
            try {
                return constructor.newInstance(nothing);
            } catch (ReflectiveOperationException refused) {
                // It wants values; another one may not.
            }
        }
        return construct(type);
    }

    private static IOException notConstructed(Class<?> type, Exception thrown) {
        Throwable cause = thrown.getCause() == null ? thrown : thrown.getCause();
        return (IOException) new MismatchedInputException(
                        "Cannot construct instance of `" + type.getName() + "`, problem: " + cause.getMessage())
                .initCause(cause);
    }

    private static IOException abstractType(Class<?> type) {
        return new InvalidDefinitionException("Cannot construct instance of `" + type.getName()
                + "` (no Creators, like default constructor, exist): abstract types either need to be mapped to concrete "
                + "types, have custom deserializer, or contain additional type information");
    }

    private static IOException mismatch(Class<?> type, Object value) {
        String found = value instanceof Map
                ? "Object value (token `JsonToken.START_OBJECT`)"
                : value instanceof List
                        ? "Array value (token `JsonToken.START_ARRAY`)"
                        : value instanceof String
                                ? "String value (token `JsonToken.VALUE_STRING`)"
                                : value instanceof Boolean
                                        ? "Boolean value (token `JsonToken.VALUE_" + value.toString().toUpperCase() + "`)"
                                        : value instanceof Json.Decimal
                                                ? "Floating-point value (token `JsonToken.VALUE_NUMBER_FLOAT`)"
                                                : "Integer value (token `JsonToken.VALUE_NUMBER_INT`)";
        return new MismatchedInputException(
                "Cannot deserialize value of type `" + type.getTypeName() + "` from " + found);
    }

    /** A text, number or truth value. */
    private static Object readScalar(Object value, Class<?> type, boolean event) throws IOException {
        if (type == String.class || type == CharSequence.class) {
            return value.toString();
        }
        if (value instanceof String && ((String) value).isEmpty()) {
            return type.isPrimitive() ? zero(type) : null;
        }
        if (type == boolean.class || type == Boolean.class) {
            return readBoolean(value, type);
        }
        if (type.isPrimitive() || type.getName().startsWith("java.lang.") || Number.class.isAssignableFrom(type)) {
            Object number = readNumber(value, type);
            if (number != null) {
                return number;
            }
        }
        if (type.isEnum()) {
            return readEnum(value, type);
        }
        if (type == Date.class) {
            return readDate(value, event);
        }
        if (type == ByteBuffer.class && value instanceof String) {
            return ByteBuffer.wrap(base64((String) value));
        }
        return readByFactory(value, type);
    }

    private static Object readBoolean(Object value, Class<?> type) throws IOException {
        if (value instanceof Boolean) {
            return value;
        }
        if (value instanceof Number) {
            return ((Number) value).doubleValue() != 0;
        }
        String text = value.toString().trim();
        if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
            return text.equalsIgnoreCase("true");
        }
        throw new InvalidFormatException("Cannot deserialize value of type `" + type.getTypeName() + "` from String \""
                + text + "\": only \"true\" or \"false\" recognized");
    }

    /** Null if the type is no number. */
    private static Object readNumber(Object value, Class<?> type) throws IOException {
        if (type == char.class || type == Character.class) {
            if (value instanceof String && ((String) value).length() == 1) {
                return ((String) value).charAt(0);
            }
            if (value instanceof Integer) {
                return (char) ((Integer) value).intValue();
            }
            throw mismatch(type, value);
        }
        Number number;
        if (value instanceof Number) {
            number = (Number) value;
        } else if (value instanceof String) {
            number = parseNumber((String) value, type);
        } else {
            throw mismatch(type, value);
        }
        if (type == int.class || type == Integer.class) {
            return (int) whole(number, type, Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        if (type == long.class || type == Long.class) {
            return whole(number, type, Long.MIN_VALUE, Long.MAX_VALUE);
        }
        if (type == double.class || type == Double.class) {
            return number.doubleValue();
        }
        if (type == float.class || type == Float.class) {
            return number.floatValue();
        }
        if (type == short.class || type == Short.class) {
            return (short) whole(number, type, Short.MIN_VALUE, Short.MAX_VALUE);
        }
        if (type == byte.class || type == Byte.class) {
            // Values of an unsigned byte are taken too.
            return (byte) whole(number, type, Byte.MIN_VALUE, 255);
        }
        if (type == BigInteger.class) {
            return new BigDecimal(number.toString()).toBigInteger();
        }
        if (type == BigDecimal.class) {
            return new BigDecimal(number.toString());
        }
        if (type == Number.class) {
            return plain(number);
        }
        return null;
    }

    private static Number parseNumber(String text, Class<?> type) throws IOException {
        try {
            String trimmed = text.trim();
            boolean fraction = type == double.class || type == Double.class || type == float.class
                    || type == Float.class || type == BigDecimal.class || type == Number.class;
            if (fraction) {
                Json.Decimal decimal = new Json.Decimal(trimmed);
                decimal.doubleValue();
                return decimal;
            }
            return new BigInteger(trimmed.startsWith("+") ? trimmed.substring(1) : trimmed);
        } catch (NumberFormatException malformed) {
            throw new InvalidFormatException("Cannot deserialize value of type `" + type.getTypeName()
                    + "` from String \"" + text + "\": not a valid `" + type.getTypeName() + "` value");
        }
    }

    private static long whole(Number number, Class<?> type, long least, long most) throws IOException {
        boolean fits = number instanceof Integer || number instanceof Long;
        if (!fits && number instanceof BigInteger) {
            fits = ((BigInteger) number).bitLength() < 64;
        } else if (!fits) {
            fits = Math.abs(number.doubleValue()) < 0x1p63;
        }
        long value = number.longValue();
        if (!fits || value < least || value > most) {
            throw new MismatchedInputException("Numeric value (" + number + ") out of range of `" + type.getTypeName()
                    + "` (" + least + " - " + most + ")");
        }
        return value;
    }

    private static Object readEnum(Object value, Class<?> type) {
        Object[] constants = type.getEnumConstants();
        if (value instanceof Integer) {
            int index = (Integer) value;
            return index >= 0 && index < constants.length ? constants[index] : null;
        }
        for (Object constant : constants) {
            if (((Enum<?>) constant).name().equals(value)) {
                return constant;
            }
        }
        return null;
    }

    private static Date readDate(Object value, boolean event) throws IOException {
        if (value instanceof Number) {
            // Events of streams carry seconds.
            double millis = ((Number) value).doubleValue() * (event ? 1000 : 1);
            return new Date((long) millis);
        }
        String text = value.toString();
        try {
            if (text.length() == 10) {
                return Date.from(java.time.LocalDate.parse(text).atStartOfDay(java.time.ZoneOffset.UTC).toInstant());
            }
            boolean zoned = text.endsWith("Z") || text.lastIndexOf('+') > 10 || text.lastIndexOf('-') > 10;
            String iso = zoned ? text.replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2") : text + "Z";
            return Date.from(java.time.OffsetDateTime.parse(iso).toInstant());
        } catch (java.time.DateTimeException malformed) {
            throw new InvalidFormatException("Cannot deserialize value of type `java.util.Date` from String \"" + text
                    + "\": not a valid representation");
        }
    }

    /** Types that say themselves how a text becomes one: {@code parse}, {@code fromString}, {@code create}, {@code of}… */
    private static Object readByFactory(Object value, Class<?> type) throws IOException {
        boolean time = type.getName().startsWith("java.time.");
        try {
            if (time && value instanceof Number) {
                return readTime((Number) value, type);
            }
            if (value instanceof String) {
                for (String factory : new String[] {"parse", "fromString", "create", "forLanguageTag", "compile",
                    "getInstance", "of", "forName"}) {
                    for (Class<?> text : new Class<?>[] {String.class, CharSequence.class}) {
                        if (hasFactory(type, factory, text)) {
                            return type.getMethod(factory, text).invoke(null, value);
                        }
                    }
                }
                if (type.getName().startsWith("java.") && !Modifier.isAbstract(type.getModifiers())) {
                    return type.getConstructor(String.class).newInstance(value);
                }
            }
        } catch (InvocationTargetException refused) {
            throw new InvalidFormatException("Cannot deserialize value of type `" + type.getTypeName()
                    + "` from String \"" + value + "\": " + refused.getCause().getMessage());
        } catch (ReflectiveOperationException none) {
            throw mismatch(type, value);
        }
        if (Modifier.isAbstract(type.getModifiers())) {
            throw abstractType(type);
        }
        String kind = value instanceof String ? "String" : value instanceof Boolean ? "boolean/Boolean" : "int/Int";
        throw new MismatchedInputException("Cannot construct instance of `" + type.getName() + "` (although at least one "
                + "Creator exists): no " + kind + "-argument constructor/factory method to deserialize from " + kind
                + " value (" + (value instanceof String ? "'" + value + "'" : value) + ")");
    }

    private static boolean hasFactory(Class<?> type, String name, Class<?> parameter) {
        // A handler's own classes have no such factories for AWS's runtime; those of Java and Joda do.
        if (!type.getName().startsWith("java.") && !type.getName().startsWith("org.joda.time.")) {
            return false;
        }
        try {
            Method method = type.getMethod(name, parameter);
            return Modifier.isStatic(method.getModifiers()) && type.isAssignableFrom(method.getReturnType());
        } catch (NoSuchMethodException none) {
            return false;
        }
    }

    private static Object readTime(Number number, Class<?> type) throws ReflectiveOperationException, IOException {
        BigDecimal seconds = new BigDecimal(number.toString());
        long whole = seconds.longValue();
        long nanos = seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue();
        if (type == java.time.Duration.class) {
            return java.time.Duration.ofSeconds(whole, nanos);
        }
        if (type == java.time.Year.class) {
            return java.time.Year.of((int) whole);
        }
        java.time.Instant instant = java.time.Instant.ofEpochSecond(whole, nanos);
        if (type == java.time.Instant.class) {
            return instant;
        }
        if (type == java.time.OffsetDateTime.class) {
            return instant.atOffset(java.time.ZoneOffset.UTC);
        }
        if (type == java.time.ZonedDateTime.class) {
            return instant.atZone(java.time.ZoneOffset.UTC);
        }
        throw mismatch(type, number);
    }
}
