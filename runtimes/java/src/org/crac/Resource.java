package org.crac;

/** Something that prepares for a snapshot and recovers from it: the interface that functions implement for SnapStart. */
public interface Resource {
    void beforeCheckpoint(Context<? extends Resource> context) throws Exception;

    void afterRestore(Context<? extends Resource> context) throws Exception;
}
