"""1,000 requests whose signatures were right until somebody changed something: none is accepted.

Each change follows from a seed, which is printed and stands in the message of a failure; `NUAGE_MUTATION_SEED` runs one.
"""

import datetime
import http.client
import os
import random
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

MUTATIONS = int(os.environ.get("NUAGE_MUTATIONS", 1_000))
REGION = "us-east-1"


class Wire:
    """A request as it goes over the wire, where nothing stands in the way of duplicates."""

    def __init__(self, method, path, query, headers, body):
        self.method, self.path, self.query, self.headers, self.body = method, path, query, list(headers), body

    def copy(self):
        return Wire(self.method, self.path, self.query, self.headers, self.body)

    def get(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def put(self, name, value):
        self.headers = [(k, value if k.lower() == name.lower() else v) for k, v in self.headers]

    def drop(self, name):
        self.headers = [(k, v) for k, v in self.headers if k.lower() != name.lower()]

    def send(self, cloud):
        connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=30)
        try:
            url = self.path + (f"?{self.query}" if self.query else "")
            connection.putrequest(self.method, url, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers:
                if name.lower() != "content-length":
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(self.body)))
            connection.endheaders(self.body or None)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()


@pytest.fixture(scope="module")
def keys(cloud):
    """A user's key and two sessions of it, in an account of its own."""
    account = f"{random.SystemRandom().randrange(10**11, 10**12)}"
    iam = cloud.client("iam", access_key_id=account)
    iam.create_user(UserName="ann")
    policy = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
    iam.put_user_policy(UserName="ann", PolicyName="all", PolicyDocument=policy)
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    own = botocore.credentials.Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    sts = cloud.client("sts", access_key_id=own.access_key, secret=own.secret_key)
    sessions = [sts.get_session_token()["Credentials"] for _ in range(2)]
    sessions = [
        botocore.credentials.Credentials(s["AccessKeyId"], s["SecretAccessKey"], s["SessionToken"]) for s in sessions
    ]
    return own, *sessions


class Forms:
    """The same kind of request in each form that a signature has."""

    def __init__(self, cloud, keys):
        self.cloud, (self.own, self.session, self.other) = cloud, keys
        self.host = f"127.0.0.1:{cloud.port}"

    def request(self, method, path, query="", headers=None, body=b""):
        url = f"http://{self.host}{path}" + (f"?{query}" if query else "")
        return botocore.awsrequest.AWSRequest(method, url, data=body, headers={"Host": self.host, **(headers or {})})

    def signed(self, request, service, credentials, when=None, signer=botocore.auth.SigV4Auth, **options):
        auth = signer(credentials, service, REGION, **options)
        original = botocore.auth.get_current_datetime
        if when is not None:
            botocore.auth.get_current_datetime = lambda *_, **__: when
        try:
            auth.add_auth(request)
        finally:
            botocore.auth.get_current_datetime = original
        split = urllib.parse.urlsplit(request.url)
        return Wire(request.method, split.path, split.query, request.headers.items(), request.body or b"")

    def query_form(self, when=None, headers=None):
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        headers = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.signed(self.request("POST", "/", headers=headers, body=body), "sts", self.own, when)

    def json_form(self, when=None, headers=None):
        headers = {
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.ListKeys", **(headers or {})}
        return self.signed(self.request("POST", "/", headers=headers, body=b'{"Limit":5}'), "kms", self.session, when)

    def rest_form(self, when=None, headers=None):
        request = self.request("GET", "/2015-03-31/functions/", "MaxItems=5&FunctionVersion=ALL", headers)
        return self.signed(request, "lambda", self.session, when)

    def presigned_form(self, when=None, headers=None):
        request = self.request("GET", "/", "Action=GetCallerIdentity&Version=2011-06-15", headers)
        return self.signed(request, "sts", self.session, when, botocore.auth.SigV4QueryAuth, expires=600)

    def all(self):
        return [self.query_form, self.json_form, self.rest_form, self.presigned_form]


@pytest.fixture(scope="module")
def forms(cloud, keys):
    return Forms(cloud, keys)


def other_byte(rng, text, alphabet="0123456789abcdefghijklmnopqrstuvwxyz"):
    at = rng.randrange(len(text))
    letter = rng.choice([letter for letter in alphabet if letter != text[at].lower()])
    return text[:at] + letter + text[at + 1:]


def change_body(rng, wire, forms):
    body = bytearray(wire.body or b"x")
    match rng.randrange(3):
        case 0:
            body.append(rng.randrange(32, 127))
        case 1 if wire.body:
            del body[rng.randrange(len(body))]
        case _:
            body[rng.randrange(len(body))] ^= 1
    if bytes(body) == wire.body:
        body.append(32)
    wire.body = bytes(body)


def change_method(rng, wire, forms):
    wire.method = rng.choice([method for method in ("GET", "POST", "PUT", "DELETE", "PATCH") if method != wire.method])


def change_path(rng, wire, forms):
    wire.path = rng.choice([wire.path + "x", wire.path + "%20", "/x" + wire.path, "/2015-03-31/functions/f/../g"])


def change_query(rng, wire, forms):
    pairs = wire.query.split("&") if wire.query else []
    match rng.randrange(3):
        case 0 if pairs:
            del pairs[rng.randrange(len(pairs))]
        case 1 if pairs:
            at = rng.randrange(len(pairs))
            pairs[at] = pairs[at] + "1"
        case _:
            pairs.insert(rng.randrange(len(pairs) + 1), f"added{rng.randrange(9)}=1")
    wire.query = "&".join(pairs)


def repeat_query(rng, wire, forms):
    """Parameters of a signature that stand twice, and a signature beside the header."""
    name = rng.choice(["X-Amz-Signature", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"])
    extra = f"{name}={rng.randrange(10**9)}"
    wire.query = rng.choice([f"{wire.query}&{extra}", f"{extra}&{wire.query}"]).strip("&")


def signed_headers(wire):
    authorization = wire.get("Authorization")
    if authorization is None:
        return ["host"]
    return authorization.split("SignedHeaders=")[1].split(",")[0].split(";")


def change_header(rng, wire, forms):
    name = rng.choice(signed_headers(wire))
    value = wire.get(name)
    changed = value
    while changed.lower() == value.lower():
        changed = other_byte(rng, value)
    wire.put(name, changed)


def repeat_header(rng, wire, forms):
    name = rng.choice(signed_headers(wire) + ["Authorization"] * (wire.get("Authorization") is not None))
    value = rng.choice([wire.get(name), "x"])
    entry = (name, value)
    wire.headers = rng.choice([wire.headers + [entry], [entry] + wire.headers])


def remove_header(rng, wire, forms):
    wire.drop(rng.choice(signed_headers(wire)))


def add_header(rng, wire, forms):
    name = rng.choice(["X-Amz-Meta-A", "X-Amz-Copy-Source", "X-Amz-Invocation-Type", "X-Amz-Content-Sha256"])
    wire.headers.append((name, "UNSIGNED-PAYLOAD" if name.endswith("Sha256") else "x"))


def change_signature(rng, wire, forms):
    authorization = wire.get("Authorization")
    if authorization is None:
        head, signature = wire.query.split("X-Amz-Signature=")
        signature, *rest = signature.split("&")
    else:
        head, signature = authorization.split("Signature=")
        rest = []
    changed = rng.choice([
        signature[: rng.randrange(64)],
        signature + "0",
        signature.upper() if any(c.isalpha() for c in signature) else signature + "A",
        signature[::-1],
        other_byte(rng, signature, "0123456789abcdef"),
        "0" * 64,
        "",
        "%20" + signature[:-3],
    ])
    if authorization is None:
        wire.query = "&".join([head + "X-Amz-Signature=" + changed, *rest])
    else:
        wire.put("Authorization", head + "Signature=" + changed)


def change_scope(rng, wire, forms):
    swaps = [("us-east-1", "eu-west-1"), ("us-east-1", "us-east-2"), ("aws4_request", "aws4_requests")]
    swaps += [("/sts/", "/iam/"), ("/kms/", "/lambda/"), ("/lambda/", "/logs/"), ("%2Fsts%2F", "%2Fiam%2F")]
    text = wire.get("Authorization") or wire.query
    swaps = [(a, b) for a, b in swaps if a in text]
    a, b = rng.choice(swaps)
    if wire.get("Authorization"):
        wire.put("Authorization", text.replace(a, b))
    else:
        wire.query = text.replace(a, b)


def change_key(rng, wire, forms):
    for name in ("session", "own", "other"):
        key = getattr(forms, name).access_key
        if key in (wire.get("Authorization") or wire.query):
            others = [forms.own.access_key, forms.session.access_key, forms.other.access_key, "AKIAIOSFODNN7EXAMPLE"]
            new = rng.choice([other for other in others if other != key])
            if wire.get("Authorization"):
                wire.put("Authorization", wire.get("Authorization").replace(key, new))
            wire.query = wire.query.replace(key, new)
            return


def change_token(rng, wire, forms):
    token = forms.session.token
    new = rng.choice([forms.other.token, token[: rng.randrange(len(token))], other_byte(rng, token), None, "x"])
    if wire.get("X-Amz-Security-Token"):
        wire.drop("X-Amz-Security-Token")
        if new is not None:
            wire.headers.append(("X-Amz-Security-Token", new))
    elif "X-Amz-Security-Token" in wire.query:
        quoted = urllib.parse.quote(token, safe="-_.~")
        wire.query = wire.query.replace(quoted, urllib.parse.quote(new or "", safe="-_.~"))
    else:
        # A user's key needs no token.
        wire.headers.append(("X-Amz-Security-Token", new or token))


def change_algorithm(rng, wire, forms):
    algorithm = rng.choice(["AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA1", "AWS3-HTTPS", "AWS4-HMAC-SHA256-PAYLOAD", "none"])
    if wire.get("Authorization"):
        wire.put("Authorization", wire.get("Authorization").replace("AWS4-HMAC-SHA256", algorithm))
    else:
        wire.query = wire.query.replace("AWS4-HMAC-SHA256", algorithm)


def change_parameters(rng, wire, forms):
    """The header's parameters twice, others', in another order of the headers, or fewer of them."""
    authorization = wire.get("Authorization")
    if authorization is None:
        return change_query(rng, wire, forms)
    names = ";".join(signed_headers(wire))
    signature = authorization.split("Signature=")[1]
    reordered = ";".join(reversed(signed_headers(wire)))
    wire.put("Authorization", rng.choice([
        authorization.replace(names, reordered),
        authorization.replace(names, ";".join(signed_headers(wire)[1:])),
        authorization.replace(names, names + ";user-agent"),
        authorization.replace(names, names + ";" + names.split(";")[-1]),
        authorization + ", Signature=" + signature,
        authorization.replace("Signature=", "Signature=0, Signature="),
        authorization.replace("SignedHeaders=", "SignedHeaders=host, SignedHeaders="),
        authorization + ", Extra=1",
        authorization[: rng.randrange(20, len(authorization))],
    ]))


def change_date(rng, wire, forms):
    name = "X-Amz-Date"
    if wire.get(name):
        wire.put(name, other_byte(rng, wire.get(name), "0123456789"))
    else:
        wire.query = wire.query.replace("X-Amz-Expires=600", f"X-Amz-Expires={rng.randrange(601, 604800)}")


def out_of_time(rng, wire, forms):
    """Rightly signed, but for another time."""
    now = datetime.datetime.now(datetime.timezone.utc)
    minutes = rng.choice([16, 17, 60, 24 * 60, 400 * 24 * 60]) * rng.choice([1, -1])
    build = rng.choice(forms.all())
    fresh = build(when=now + datetime.timedelta(minutes=minutes))
    wire.__dict__.update(fresh.__dict__)


def unsigned_payload(rng, wire, forms):
    """Rightly signed, but without the body, which only S3 permits."""
    declared = rng.choice(["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"])
    build = rng.choice([forms.query_form, forms.json_form])
    original = botocore.auth.SigV4Auth.payload
    botocore.auth.SigV4Auth.payload = lambda self, request: declared
    try:
        fresh = build(headers={"X-Amz-Content-SHA256": declared})
    finally:
        botocore.auth.SigV4Auth.payload = original
    if rng.randrange(2):
        change_body(rng, fresh, forms)
    wire.__dict__.update(fresh.__dict__)


CHANGES = [
    change_body, change_method, change_path, change_query, repeat_query, change_header, repeat_header, remove_header,
    add_header, change_signature, change_signature, change_scope, change_key, change_token, change_algorithm,
    change_parameters, change_parameters, change_date, out_of_time, unsigned_payload,
]


def same(a, b):
    """Whether nothing was changed that a signature covers: a change that came out as what was there."""
    return a.__dict__ == b.__dict__


def test_none_of_a_thousand_mutations_is_accepted(cloud, forms):
    for form in forms.all():
        status, body = form().send(cloud)
        assert status == 200, f"{form.__name__}: {body}"
    chosen = os.environ.get("NUAGE_MUTATION_SEED")
    first = random.SystemRandom().randrange(10**9)
    seeds = [int(chosen)] if chosen else range(first, first + MUTATIONS)
    print(f"seeds {seeds[0]} to {seeds[-1]}")
    statuses = {}
    for seed in seeds:
        rng = random.Random(seed)
        form, change = rng.choice(forms.all()), rng.choice(CHANGES)
        wire = form()
        original = wire.copy()
        change(rng, wire, forms)
        if same(original, wire):
            change_signature(rng, wire, forms)
        status, body = wire.send(cloud)
        assert 400 <= status < 500, (
            f"NUAGE_MUTATION_SEED={seed}: {change.__name__} of {form.__name__} was answered with {status}: "
            f"{wire.method} {wire.path}?{wire.query} {wire.headers} {wire.body!r}: {body[:300]}"
        )
        statuses[status] = statuses.get(status, 0) + 1
    print(f"statuses: {statuses}")


def test_an_identical_request_counts_again(cloud, forms):
    """AWS takes a request again for as long as its date counts; nothing says that it came once."""
    wire = forms.query_form()
    assert [wire.send(cloud)[0] for _ in range(3)] == [200] * 3


def test_the_order_of_a_query_is_no_change(cloud, forms):
    """The canonical request sorts the parameters, so the order in which they are sent means nothing."""
    wire = forms.rest_form()
    wire.query = "&".join(reversed(wire.query.split("&")))
    assert wire.send(cloud)[0] == 200


@pytest.mark.parametrize("minutes", [-14, 14])
def test_clocks_may_differ(cloud, forms, minutes):
    now = datetime.datetime.now(datetime.timezone.utc)
    assert forms.query_form(when=now + datetime.timedelta(minutes=minutes)).send(cloud)[0] == 200


@pytest.mark.parametrize(("change", "code"), [
    (lambda text: text.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), "IncompleteSignature"),
    (lambda text: text + ", Signature=0", "IncompleteSignature"),
    (lambda text: text + ", Extra=0", "IncompleteSignature"),
    (lambda text: text.split(", Signature=")[0], "IncompleteSignature"),
    (lambda text: text.replace("/sts/", "/sts/x/"), "IncompleteSignature"),
    (lambda text: text.replace("aws4_request", "aws5_request"), "SignatureDoesNotMatch"),
])
def test_what_is_wrong_is_said(cloud, forms, change, code):
    wire = forms.query_form()
    wire.put("Authorization", change(wire.get("Authorization")))
    status, body = wire.send(cloud)
    assert f"<Code>{code}</Code>" in body
