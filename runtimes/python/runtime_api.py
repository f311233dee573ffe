"""A client of the Runtime API on a raw socket.

A part of the interface client: see bootstrap.py, with which it is one program.
"""

import os
import sys

import _socket


class RuntimeApi:
    """One connection, kept open. An answer and the next request travel together."""

    NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n"
    POST = (
        b"POST /2018-06-01/runtime/%b HTTP/1.1\r\nHost: runtime\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n%b\r\n%b"
    )

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.address = (host, int(port))
        self.socket = None
        self.buffer = b""
        # The last one that accepted an answer: within a second they are all the same.
        self.accepted = None, ()

    def connect(self):
        if self.socket is not None:
            self.socket.close()
        self.buffer = b""
        self.socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self.socket.connect(self.address)
        self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)

    def send(self, request):
        if self.socket is None:
            self.connect()
        self.socket.sendall(request)

    def receive(self):
        """Status, headers with the names as AWS writes them, body. None when the connection has ended."""
        buffer = self.buffer
        receive = self.socket.recv
        end = buffer.find(b"\r\n\r\n")
        while end < 0:
            try:
                piece = receive(65536)
            except ConnectionError:
                return None
            if not piece:
                return None
            buffer += piece
            end = buffer.find(b"\r\n\r\n")
        head = buffer[:end]
        known, said = self.accepted
        if head != known:
            said = read_head(head)
            if said[0] == "202":
                self.accepted = head, said
        status, headers = said
        end += 4
        whole = end + int(headers.get("Content-Length", 0))
        if len(buffer) < whole:
            parts = [buffer]
            missing = whole - len(buffer)
            while missing > 0:
                piece = receive(min(missing, 1 << 20))
                if not piece:
                    return None
                parts.append(piece)
                missing -= len(piece)
            buffer = b"".join(parts)
        self.buffer = buffer[whole:]
        return status, headers, buffer[end:whole]

    def next(self, answer=b""):
        """Sends an answer, if there is one, and waits for the next invocation: headers and body."""
        accepted = None
        for _attempt in range(2):
            try:
                self.send(answer + self.NEXT)
                accepted = self.receive() if answer else True
            except OSError:
                accepted = None
            if accepted is not None:
                break
            # The connection was lost before the answer was taken.
            self.connect()
        if answer and accepted and accepted[1].get("Connection") == "close":
            # The answer was refused. What was wrong with it is known to the other side.
            self.connect()
            self.send(self.NEXT)
        received = self.receive()
        if received is None or received[0] != "200":
            os._exit(1)
        return received[1], received[2]

    @staticmethod
    def post(path, body, extra=b""):
        return RuntimeApi.POST % (path.encode(), len(body), extra, body)


def read_head(head):
    """The status and the headers. All that is read here comes from one server, so their names are as it writes them."""
    first, *lines = head.decode("utf-8", "replace").split("\r\n")
    return first[9:12], dict([line.split(": ", 1) for line in lines])


def failure_post(path, document, error_type=None):
    """`error_type`: what the platform is told, if not the type that the document names."""
    import json

    log_failure(document)
    body = json.dumps(document, ensure_ascii=sys.version_info < (3, 12)).encode("utf-8", "backslashreplace")
    error_type = (error_type or document["errorType"]).encode("latin-1", "replace")
    return RuntimeApi.post(path, body, b"Lambda-Runtime-Function-Error-Type: " + error_type + b"\r\n")
