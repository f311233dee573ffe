package nuage.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a handler's name stands for, found once and called for each invocation. */
abstract class Handler {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    /** The bytes of the answer. Throws what the handler throws. */
    abstract byte[] call(byte[] event, Context context) throws Throwable;

    /** Fails each invocation in the same way: what AWS's runtime does with most names that it cannot use. */
    private static Handler failing(final Failure failure) {
        return new Handler() {
            @Override
            byte[] call(byte[] event, Context context) {
                throw failure;
            }
        };
    }

    /** Errors with a {@link Failure} when the initialization has failed. */
    static Handler find(String name, ClassLoader loader) {
        int colons = name.lastIndexOf("::");
        String className = colons < 0 ? name : name.substring(0, colons);
        String method = colons < 0 ? null : name.substring(colons + 2);
        if (className.isEmpty() || method != null && method.isEmpty()) {
            return failing(Failure.of("Invalid handler: `" + name + "'"));
        }
        Class<?> type;
        try {
            type = Class.forName(className, true, loader);
        } catch (ClassNotFoundException missing) {
            return failing(Failure.of("Class not found: " + className, missing, false));
        } catch (Throwable thrown) {
            String message = "Error loading class " + className
                    + (thrown.getMessage() == null ? "" : ": " + thrown.getMessage());
            throw Failure.of(message, thrown, true);
        }
        try {
            return method == null ? ofInterface(type, loader) : ofMethod(type, method, loader);
        } catch (Failure failure) {
            if (failure.fatal) {
                throw failure;
            }
            return failing(failure);
        } catch (Throwable thrown) {
            return failing(Failure.of(thrown, false));
        }
    }

    private static Handler ofInterface(Class<?> type, ClassLoader loader) throws Exception {
        if (RequestStreamHandler.class.isAssignableFrom(type)) {
            return new Streaming((RequestStreamHandler) make(type));
        }
        if (!RequestHandler.class.isAssignableFrom(type)) {
            throw Failure.of("Class does not implement an appropriate handler interface: " + type.getName());
        }
        Type[] types = interfaceTypes(type, new HashMap<TypeVariable<?>, Type>());
        if (types == null) {
            throw Failure.of("Class " + type.getName() + " does not implement RequestHandler with concrete type parameters");
        }
        for (Type parameter : types) {
            if (parameter instanceof TypeVariable && ((TypeVariable<?>) parameter).getBounds()[0] == Object.class) {
                throw Failure.of("Class " + type.getName() + " does not implement RequestHandler with concrete type "
                        + "parameters: parameter " + parameter + " has no upper bound.");
            }
        }
        @SuppressWarnings("unchecked")
        final RequestHandler<Object, Object> handler = (RequestHandler<Object, Object>) make(type);
        return new Mapped(types[0], types[1], loader) {
            @Override
            Object run(Object event, Context context) {
                return handler.handleRequest(event, context);
            }
        };
    }

    /** The two arguments of {@link RequestHandler}; null where they are not said. */
    private static Type[] interfaceTypes(Class<?> type, Map<TypeVariable<?>, Type> known) {
        List<Type> parents = new ArrayList<>();
        Collections.addAll(parents, type.getGenericInterfaces());
        if (type.getGenericSuperclass() != null) {
            parents.add(type.getGenericSuperclass());
        }
        for (Type parent : parents) {
            Class<?> raw = (Class<?>) (parent instanceof Class ? parent : ((ParameterizedType) parent).getRawType());
            if (!RequestHandler.class.isAssignableFrom(raw)) {
                continue;
            }
            Type[] arguments = parent instanceof Class ? null : ((ParameterizedType) parent).getActualTypeArguments();
            if (arguments != null) {
                TypeVariable<?>[] names = raw.getTypeParameters();
                for (int index = 0; index < names.length; index++) {
                    Type bound = known.get(arguments[index]);
                    known.put(names[index], bound == null ? arguments[index] : bound);
                }
            }
            if (raw != RequestHandler.class) {
                return interfaceTypes(raw, known);
            }
            if (arguments == null) {
                return null;
            }
            TypeVariable<?>[] names = raw.getTypeParameters();
            return new Type[] {known.get(names[0]), known.get(names[1])};
        }
        return null;
    }

    private static Object make(Class<?> type) throws Exception {
        Constructor<?> constructor;
        try {
            constructor = type.getConstructor();
        } catch (NoSuchMethodException missing) {
            if (type.getEnclosingClass() != null && !Modifier.isStatic(type.getModifiers())) {
                throw new Exception(
                        "Class " + type.getName() + " cannot be instantiated because it is a non-static inner class");
            }
            throw new Exception("Class " + type.getName() + " has no public zero-argument constructor", missing);
        }
        try {
            return constructor.newInstance();
        } catch (InvocationTargetException thrown) {
            throw Failure.of(thrown.getCause() == null ? thrown : thrown.getCause(), true);
        }
    }

    // ---- Methods by name

    /** Longer signatures first, a context last in them counts for one more; compilers' bridges come last. */
    private static final Comparator<Method> PREFERENCE = new Comparator<Method>() {
        @Override
        public int compare(Method left, Method right) {
            if (left.isBridge() != right.isBridge()) {
                return left.isBridge() ? 1 : -1;
            }
            return Integer.compare(weight(right), weight(left));
        }

        private int weight(Method method) {
            Class<?>[] types = method.getParameterTypes();
            boolean context = types.length > 0 && types[types.length - 1] == Context.class;
            return types.length + (context ? 1 : 0);
        }
    };

    private static Handler ofMethod(Class<?> type, String name, ClassLoader loader) throws Exception {
        List<Method> methods = new ArrayList<>();
        try {
            for (Method method : type.getMethods()) {
                if (method.getName().equals(name)) {
                    methods.add(method);
                }
            }
        } catch (NoClassDefFoundError missing) {
            throw Failure.of("Error loading method " + name + " on class " + type.getName(), missing, false);
        }
        Collections.sort(methods, PREFERENCE);
        for (Method method : methods) {
            String refusal = refusal(method);
            if (refusal == null) {
                Object instance = Modifier.isStatic(method.getModifiers()) ? null : make(type);
                // A public method of a class that is not public.
                Bean.open(method);
                return ofSignature(method, instance, loader);
            }
            System.err.println(refusal);
        }
        throw Failure.of("No public method named " + name + " with appropriate method signature found on class "
                + type.getName());
    }

    /** Why a method cannot be the handler; null if it can. */
    private static String refusal(Method method) {
        Class<?>[] types = method.getParameterTypes();
        if (types.length > 3) {
            return "Ignoring an overload of method " + method.getName()
                    + " because it has too many parameters: Expected at most 3, got " + types.length;
        }
        if (types.length == 3) {
            boolean fits = types[0] == InputStream.class && types[1] == OutputStream.class && types[2] == Context.class;
            return fits ? null : "Ignoring three-argument overload because argument signature is not (InputStream, "
                    + "OutputStream, Context";
        }
        if (types.length < 2) {
            return null;
        }
        if (types[0] == Context.class) {
            return "Ignoring two-argument overload because first argument type is Context";
        }
        if (types[1] == Context.class || types[0] == InputStream.class && types[1] == OutputStream.class) {
            return null;
        }
        if (types[0] == OutputStream.class) {
            return "Ignoring two-argument overload because first argument type is OutputStream and second argument type is "
                    + "not Context";
        }
        return types[0] == InputStream.class
                ? "Ignoring two-argument overload because second parameter type, " + types[1].getName()
                        + ", is not OutputStream."
                : "Ignoring two-argument overload because second parameter type is not Context";
    }

    private static Handler ofSignature(final Method method, final Object instance, ClassLoader loader) {
        final Class<?>[] types = method.getParameterTypes();
        boolean streams = types.length > 0 && (types[0] == InputStream.class || types[0] == OutputStream.class);
        if (streams) {
            return new Streaming(new RequestStreamHandler() {
                @Override
                public void handleRequest(InputStream input, OutputStream output, Context context) {
                    Object[] arguments = new Object[types.length];
                    for (int index = 0; index < types.length; index++) {
                        arguments[index] =
                                types[index] == InputStream.class ? input : types[index] == OutputStream.class ? output : context;
                    }
                    invoke(method, instance, arguments);
                }
            });
        }
        final boolean takesEvent = types.length > 0 && types[0] != Context.class;
        Type event = takesEvent ? method.getGenericParameterTypes()[0] : null;
        return new Mapped(event, method.getGenericReturnType(), loader) {
            @Override
            Object run(Object value, Context context) {
                Object[] arguments = new Object[types.length];
                for (int index = 0; index < types.length; index++) {
                    arguments[index] = index == 0 && takesEvent ? value : context;
                }
                return invoke(method, instance, arguments);
            }
        };
    }

    private static Object invoke(Method method, Object instance, Object[] arguments) {
        try {
            return method.invoke(instance, arguments);
        } catch (InvocationTargetException thrown) {
            throw Handler.<RuntimeException>sneak(thrown.getCause() == null ? thrown : thrown.getCause());
        } catch (IllegalAccessException closed) {
            throw Handler.<RuntimeException>sneak(closed);
        }
    }

    /** Throws a checked exception where none is declared. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    // ---- The two kinds

    private static final class Streaming extends Handler {
        private final RequestStreamHandler handler;

        Streaming(RequestStreamHandler handler) {
            this.handler = handler;
        }

        @Override
        byte[] call(byte[] event, Context context) throws Throwable {
            ByteArrayOutputStream output = new ByteArrayOutputStream(1024);
            handler.handleRequest(new ByteArrayInputStream(event), output, context);
            return output.toByteArray();
        }
    }

    private abstract static class Mapped extends Handler {
        private final Type event;
        private final boolean answers;
        private final Type answer;
        private final OwnMapping mapping;

        /** No type: the handler takes no event. */
        Mapped(Type event, Type answer, ClassLoader loader) {
            this.event = event;
            this.answer = answer;
            this.answers = answer != void.class && answer != Void.class;
            this.mapping = OwnMapping.find(loader);
        }

        abstract Object run(Object event, Context context) throws Throwable;

        @Override
        byte[] call(byte[] bytes, Context context) throws Throwable {
            Object value;
            try {
                value = event == null ? null : mapping != null ? mapping.read(bytes, event) : Reader.read(bytes, event);
            } catch (java.io.IOException mismatch) {
                throw problem("An error occurred during JSON parsing", new java.io.UncheckedIOException(mismatch));
            } catch (Throwable thrown) {
                throw problem("An error occurred during JSON parsing", thrown);
            }
            Object result = run(value, context);
            if (!answers) {
                return NULL;
            }
            try {
                return mapping != null
                        ? mapping.write(result, answer)
                        : Writer.write(result).getBytes(StandardCharsets.UTF_8);
            } catch (java.io.IOException mismatch) {
                throw problem(
                        "An error occurred during JSON serialization of response", new java.io.UncheckedIOException(mismatch));
            } catch (Throwable thrown) {
                throw problem("An error occurred during JSON serialization of response", thrown);
            }
        }

        private static RuntimeException problem(String message, Throwable cause) {
            return new RuntimeException(message, cause);
        }
    }
}
