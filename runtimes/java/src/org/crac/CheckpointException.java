package org.crac;

/** Resources failed before a snapshot; the suppressed exceptions are theirs. */
public class CheckpointException extends Exception {
    private static final long serialVersionUID = 1L;

    public CheckpointException() {}

    public CheckpointException(String message) {
        super(message);
    }
}
