package com.amazonaws.services.lambda.runtime.logging;

/** The levels of a function's log, the least first. Events of an undefined level are always written. */
public enum LogLevel {
    UNDEFINED,
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR,
    FATAL;

    public static LogLevel fromString(String name) {
        try {
            return valueOf(name.toUpperCase());
        } catch (RuntimeException unknown) {
            throw new IllegalArgumentException(
                    "Invalid log level: '" + name + "' expected one of [TRACE, DEBUG, INFO, WARN, ERROR, FATAL]");
        }
    }
}
