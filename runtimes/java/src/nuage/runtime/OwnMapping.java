package nuage.runtime;

import com.amazonaws.services.lambda.runtime.CustomPojoSerializer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Type;
import java.util.Iterator;
import java.util.ServiceLoader;

/** The mapping between JSON and objects that a package brings itself. */
final class OwnMapping {
    private static final String SERVICE = "META-INF/services/" + CustomPojoSerializer.class.getName();

    private final CustomPojoSerializer serializer;

    private OwnMapping(CustomPojoSerializer serializer) {
        this.serializer = serializer;
    }

    /** Null if the package brings none. */
    static OwnMapping find(ClassLoader loader) {
        if (loader.getResource(SERVICE) == null) {
            return null;
        }
        Iterator<CustomPojoSerializer> found = ServiceLoader.load(CustomPojoSerializer.class, loader).iterator();
        if (!found.hasNext()) {
            return null;
        }
        CustomPojoSerializer serializer = found.next();
        if (found.hasNext()) {
            throw new IllegalStateException("Too many serializers provided inside the META-INF/services folder, only one is "
                    + "allowed");
        }
        return new OwnMapping(serializer);
    }

    Object read(byte[] event, Type type) {
        return serializer.fromJson(new ByteArrayInputStream(event), type);
    }

    byte[] write(Object answer, Type type) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        serializer.toJson(answer, output, type);
        return output.toByteArray();
    }
}
