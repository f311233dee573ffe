package nuage.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.crac.CheckpointException;
import org.crac.Context;
import org.crac.Resource;
import org.crac.RestoreException;

/**
 * The resources of a function: before a snapshot they are called in the reverse order of their registration, after a
 * restoration in its order. All are called, also when some fail.
 */
public final class Resources extends Context<Resource> {
    private final List<Resource> registered = new ArrayList<>();

    @Override
    public synchronized void register(Resource resource) {
        if (resource == null) {
            throw new NullPointerException("resource");
        }
        registered.add(resource);
    }

    private synchronized List<Resource> copy() {
        return new ArrayList<>(registered);
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) throws CheckpointException {
        List<Resource> reversed = copy();
        Collections.reverse(reversed);
        CheckpointException failed = null;
        for (Resource resource : reversed) {
            try {
                resource.beforeCheckpoint(this);
            } catch (Exception thrown) {
                failed = failed == null ? new CheckpointException() : failed;
                failed.addSuppressed(thrown);
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) throws RestoreException {
        RestoreException failed = null;
        for (Resource resource : copy()) {
            try {
                resource.afterRestore(this);
            } catch (Exception thrown) {
                failed = failed == null ? new RestoreException() : failed;
                failed.addSuppressed(thrown);
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
