import socket

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

connection = pytest.importorskip("h2.connection", reason="the package h2 is not installed")
import h2.config  # noqa: E402
import h2.events  # noqa: E402


def test_many_signed_requests_on_one_connection(cloud):
    """HTTP/2 with prior knowledge, as AWS's own SDKs use it for streams."""
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    authority = f"127.0.0.1:{cloud.port}"
    request = botocore.awsrequest.AWSRequest("POST", f"http://{authority}/", data=body)
    request.headers["content-type"] = "application/x-www-form-urlencoded"
    credentials = botocore.credentials.Credentials("test", "test")
    botocore.auth.SigV4Auth(credentials, "sts", "us-east-1").add_auth(request)
    headers = [(":method", "POST"), (":scheme", "http"), (":authority", authority), (":path", "/")]
    headers += [(name.lower(), value) for name, value in request.headers.items() if name.lower() != "host"]
    answers = {}
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=10) as stream:
        client = connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        client.initiate_connection()
        for _ in range(20):
            number = client.get_next_available_stream_id()
            client.send_headers(number, headers)
            client.send_data(number, body, end_stream=True)
        ended = 0
        while ended < 20:
            stream.sendall(client.data_to_send())
            for event in client.receive_data(stream.recv(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    answers[event.stream_id] = dict(event.headers)[":status"]
                if isinstance(event, h2.events.DataReceived):
                    client.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                ended += isinstance(event, h2.events.StreamEnded)
    assert list(answers.values()) == ["200"] * 20
