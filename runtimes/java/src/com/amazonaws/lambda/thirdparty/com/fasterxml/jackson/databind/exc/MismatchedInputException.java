package com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.exc;

import java.io.IOException;

/** JSON that does not fit the handler's type. It has the name under which AWS's runtime reports it; all else is ours. */
public class MismatchedInputException extends IOException {
    private static final long serialVersionUID = 1;

    public MismatchedInputException(String message) {
        super(message);
    }
}
