package com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.exc;

import java.io.IOException;

/** A type that no JSON can become. It has the name under which AWS's runtime reports it; all else is ours. */
public class InvalidDefinitionException extends IOException {
    private static final long serialVersionUID = 1;

    public InvalidDefinitionException(String message) {
        super(message);
    }
}
