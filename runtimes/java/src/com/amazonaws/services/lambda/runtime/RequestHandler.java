package com.amazonaws.services.lambda.runtime;

/** A handler whose event and answer are made from JSON and into JSON. */
public interface RequestHandler<I, O> {
    O handleRequest(I input, Context context);
}
