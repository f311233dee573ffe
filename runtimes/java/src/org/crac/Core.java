package org.crac;

/** Where functions register their resources. */
public class Core {
    private static final Context<Resource> GLOBAL = new nuage.runtime.Resources();

    private Core() {}

    public static Context<Resource> getGlobalContext() {
        return GLOBAL;
    }

    /** Snapshots are the platform's to take. */
    public static void checkpointRestore() throws CheckpointException, RestoreException {
        throw new CheckpointException("Unable to checkpoint: the platform decides when");
    }
}
