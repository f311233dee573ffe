package com.amazonaws.services.lambda.runtime;

/** Who invoked the function, if Amazon Cognito authorized it. */
public interface CognitoIdentity {
    String getIdentityId();

    String getIdentityPoolId();
}
