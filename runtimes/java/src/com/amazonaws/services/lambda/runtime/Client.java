package com.amazonaws.services.lambda.runtime;

/** The mobile application that invoked the function through AWS's mobile SDK. */
public interface Client {
    String getInstallationId();

    String getAppTitle();

    String getAppVersionName();

    String getAppVersionCode();

    String getAppPackageName();
}
