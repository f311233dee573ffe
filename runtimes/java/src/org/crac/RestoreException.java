package org.crac;

/** Resources failed after a restoration; the suppressed exceptions are theirs. */
public class RestoreException extends Exception {
    private static final long serialVersionUID = 1L;

    public RestoreException() {}

    public RestoreException(String message) {
        super(message);
    }
}
