#!/usr/bin/python3
"""A runtime of its own that streams what its event says, by the Runtime API's headers alone.

{"pieces": [text…], "type": content type, "repeat": number of times, "then": what happens behind the last piece}
"""

import base64
import http.client
import json
import os
import time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
INVOCATION = "/2018-06-01/runtime/invocation/"
TRAILERS = ("Lambda-Runtime-Function-Error-Type", "Lambda-Runtime-Function-Error-Body")


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def answer(request_id, event):
    connection = http.client.HTTPConnection(API)
    connection.putrequest("POST", f"{INVOCATION}{request_id}/response")
    connection.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.putheader("Trailer", ", ".join(TRAILERS))
    if "type" in event:
        connection.putheader("Content-Type", event["type"])
    connection.endheaders()
    for _ in range(event.get("repeat", 1)):
        for piece in event["pieces"]:
            connection.send(chunk(piece.encode()))
    match event.get("then"):
        case "fail":
            body = base64.b64encode(json.dumps({"errorMessage": "in the middle"}).encode()).decode()
            values = zip(TRAILERS, ("Runtime.Middle", body))
            ending = "0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in values) + "\r\n"
            connection.send(ending.encode())
        case "hang":
            time.sleep(3600)
        case "exit":
            os._exit(7)
        case _:
            connection.send(b"0\r\n\r\n")
    connection.getresponse().read()
    connection.close()


print("up")
while True:
    connection = http.client.HTTPConnection(API)
    connection.request("GET", INVOCATION + "next")
    response = connection.getresponse()
    answer(response.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(response.read()))
