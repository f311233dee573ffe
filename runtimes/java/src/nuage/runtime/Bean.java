package nuage.runtime;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The properties of a class, by the rules of AWS's runtime: public getters, setters of any visibility, public fields, no
 * annotations; the components of a record.
 *
 * <p>AWS's own event classes are written in many ways, so all their fields count, whatever the case of their names.
 */
final class Bean {
    private static final Map<Class<?>, Bean> KNOWN = new ConcurrentHashMap<>();

    /** By name, in the order of the fields. */
    final Map<String, Property> properties = new LinkedHashMap<>();
    /** The components of a record in their order; null if the class is none. */
    final List<Property> components;
    /** Whether this is a class of AWS's event library. */
    final boolean event;

    static final class Property {
        final String name;
        Field field;
        boolean fieldShows;
        Method getter;
        Method setter;
        /** The type of a record's component. */
        Type component;

        Property(String name) {
            this.name = name;
        }

        boolean readable() {
            return getter != null || fieldShows;
        }

        Object get(Object bean) throws ReflectiveOperationException {
            return getter != null ? getter.invoke(bean) : field.get(bean);
        }
    }

    static Bean of(Class<?> type) {
        Bean known = KNOWN.get(type);
        if (known == null) {
            known = new Bean(type);
            KNOWN.put(type, known);
        }
        return known;
    }

    private Bean(Class<?> type) {
        event = isEvent(type);
        Class<?> parent = type.getSuperclass();
        components = parent != null && parent.getName().equals("java.lang.Record") ? new ArrayList<Property>() : null;
        if (components != null) {
            readRecord(type);
            return;
        }
        addFields(type);
        for (Method method : type.getMethods()) {
            addGetter(method);
        }
        for (Class<?> at = type; at != null && at != Object.class; at = at.getSuperclass()) {
            for (Method method : at.getDeclaredMethods()) {
                addSetter(method);
            }
        }
    }

    static boolean isEvent(Class<?> type) {
        String name = type.getName();
        return name.startsWith("com.amazonaws.services.lambda.runtime.events.")
                || name.startsWith("com.amazonaws.services.s3.event.");
    }

    private Property property(String name) {
        Property property = properties.get(name);
        if (property == null) {
            property = new Property(name);
            properties.put(name, property);
        }
        return property;
    }

    private void addFields(Class<?> type) {
        if (type == null || type == Object.class) {
            return;
        }
        addFields(type.getSuperclass());
        for (Field field : type.getDeclaredFields()) {
            int modifiers = field.getModifiers();
            if (Modifier.isStatic(modifiers) || Modifier.isTransient(modifiers) || field.isSynthetic()) {
                continue;
            }
            Property property = property(field.getName());
            boolean shows = Modifier.isPublic(modifiers);
            property.field = field;
            property.fieldShows = shows;
            if (shows || event) {
                open(field);
            }
        }
    }

    private void addGetter(Method method) {
        String method_name = method.getName();
        Class<?> type = method.getReturnType();
        boolean skipped = Modifier.isStatic(method.getModifiers()) || method.isBridge() || method.isSynthetic()
                || method.getParameterTypes().length != 0 || type == void.class || method_name.equals("getClass");
        if (skipped) {
            return;
        }
        boolean truth = type == boolean.class || type == Boolean.class;
        String name;
        if (method_name.startsWith("get") && method_name.length() > 3) {
            name = decapitalize(method_name.substring(3));
        } else if (truth && method_name.startsWith("is") && method_name.length() > 2) {
            name = decapitalize(method_name.substring(2));
        } else {
            return;
        }
        Property property = property(name);
        if (property.getter == null || method_name.startsWith("get")) {
            property.getter = method;
            open(method);
        }
    }

    private void addSetter(Method method) {
        String name = method.getName();
        boolean skipped = Modifier.isStatic(method.getModifiers()) || method.isBridge() || method.isSynthetic()
                || method.getParameterTypes().length != 1 || !name.startsWith("set") || name.length() == 3;
        if (skipped) {
            return;
        }
        Property property = property(decapitalize(name.substring(3)));
        Class<?> wanted = method.getParameterTypes()[0];
        boolean fits = property.getter != null && property.getter.getReturnType() == wanted;
        if (property.setter == null || fits) {
            property.setter = method;
            open(method);
        }
    }

    private void readRecord(Class<?> type) {
        try {
            Object[] found = (Object[]) Class.class.getMethod("getRecordComponents").invoke(type);
            for (Object component : found) {
                Class<?> kind = component.getClass();
                Property property = property((String) kind.getMethod("getName").invoke(component));
                property.getter = (Method) kind.getMethod("getAccessor").invoke(component);
                property.component = (Type) kind.getMethod("getGenericType").invoke(component);
                open(property.getter);
                components.add(property);
            }
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The constructor that takes a record's components. */
    static Constructor<?> canonical(Class<?> type) throws ReflectiveOperationException {
        List<Class<?>> types = new ArrayList<>();
        for (Property property : of(type).components) {
            types.add(property.getter.getReturnType());
        }
        Constructor<?> constructor = type.getDeclaredConstructor(types.toArray(new Class<?>[0]));
        open(constructor);
        return constructor;
    }

    /** Finds the property that a JSON name means; null if there is none. */
    Property find(String name) {
        Property property = properties.get(name);
        if (property != null || !event) {
            return property;
        }
        String plain = plain(name);
        for (Property candidate : properties.values()) {
            String own = plain(candidate.name);
            if (candidate.field != null && (own.equals(plain) || own.equals(plain + "value"))) {
                return candidate;
            }
        }
        return null;
    }

    private static String plain(String name) {
        StringBuilder out = new StringBuilder(name.length());
        for (int index = 0; index < name.length(); index++) {
            if (Character.isLetterOrDigit(name.charAt(index))) {
                out.append(Character.toLowerCase(name.charAt(index)));
            }
        }
        return out.toString();
    }

    /** {@code URL} stays, {@code Name} becomes {@code name}: the rule of JavaBeans. */
    private static String decapitalize(String name) {
        boolean acronym = name.length() > 1 && Character.isUpperCase(name.charAt(0)) && Character.isUpperCase(name.charAt(1));
        return acronym ? name : Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    /** Makes a member usable in spite of its visibility; members of Java's own classes may stay closed. */
    static boolean open(AnnotatedElement member) {
        try {
            ((java.lang.reflect.AccessibleObject) member).setAccessible(true);
            return true;
        } catch (RuntimeException closed) {
            return false;
        }
    }
}
