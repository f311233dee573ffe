package com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.exc;

/** A text that is no value of the wanted type. It has the name under which AWS's runtime reports it; all else is ours. */
public class InvalidFormatException extends MismatchedInputException {
    private static final long serialVersionUID = 1;

    public InvalidFormatException(String message) {
        super(message);
    }
}
