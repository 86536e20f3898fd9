"""Usage: generate.py FOLDER

Writes suites of random cases whose results are botocore's: signatures, requests and responses of STS, a JSON object a line. The seed is
fixed, so that everybody has the same cases. `fetch` runs this.
"""
import datetime
import json
import pathlib
import random
import sys
from urllib.parse import quote
from xml.sax.saxutils import escape

import botocore.auth
import botocore.parsers
import botocore.serialize
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.loaders import Loader
from botocore.model import ServiceModel

SIGNATURES, REQUESTS_EACH, RESPONSES_EACH = 1000, 40, 20
MODEL = ServiceModel(Loader().load_service_model("sts", "service-2"), "sts")
# Outputs always have credentials with these members, or none at all; without one of them they are of no use to anybody.
CREDENTIALS = MODEL.shape_for("Credentials")
NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
ASCII = [chr(code) for code in range(32, 127)]
UNICODE = ASCII + list("\t\n\u00e9\u20ac\u6f22\U0001f600")
TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def main():
    folder = pathlib.Path(sys.argv[1])
    write(folder / "generated-sigv4" / "sts.jsonl", signatures())
    write(folder / "generated-query" / "requests.jsonl", requests())
    write(folder / "generated-query" / "responses.jsonl", responses())


def write(path, cases):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for case in cases:
            file.write(json.dumps(case, ensure_ascii=False) + "\n")


def signatures():
    draw = random.Random("signatures")
    operations = ["AssumeRole", "GetCallerIdentity", "GetFederationToken", "GetSessionToken"]
    hosts = ["sts.amazonaws.com", "sts.us-east-1.amazonaws.com", "localhost:8433", "127.0.0.1:5555", "[::1]:8080"]
    regions = ["us-east-1", "eu-west-3", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"]
    for number in range(SIGNATURES):
        members = [quote(text(draw, 0, 20), safe="-._~") for _ in range(draw.randrange(6))]
        fields = "".join(f"&P.member.{index}={value}" for index, value in enumerate(members, 1))
        yield signed({
            "id": number,
            "mode": draw.choice(["header", "header", "query"]),
            "time": f"{draw.randint(2011, 2037)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
                    f"T{draw.randrange(24):02}{draw.randrange(60):02}{draw.randrange(60):02}Z",
            "ak": "AKIA" + text(draw, 12, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
            "sk": text(draw, 40, 40, TOKEN),
            "token": text(draw, 16, 1500, TOKEN + "=") if draw.random() < 0.5 else None,
            "region": draw.choice(regions),
            "service": "sts",
            "host": draw.choice(hosts),
            "content_type": "application/x-www-form-urlencoded; charset=utf-8",
            "body": f"Action={draw.choice(operations)}&Version=2011-06-15{fields}",
            "expires": draw.choice([60, 900, 3600, 604800]),
        })


def signed(case):
    """The case with what botocore makes of it."""
    time = datetime.datetime.strptime(case["time"], "%Y%m%dT%H%M%SZ")
    botocore.auth.get_current_datetime = lambda *_, **__: time
    credentials = Credentials(case["ak"], case["sk"], case["token"])
    if case["mode"] == "query":
        request = AWSRequest(method="GET", url=f"https://{case['host']}/?{case['body']}")
        botocore.auth.SigV4QueryAuth(credentials, case["service"], case["region"], case["expires"]).add_auth(request)
        return {**case, "url": request.url}
    request = AWSRequest(method="POST", url=f"https://{case['host']}/", data=case["body"].encode())
    request.headers["Content-Type"] = case["content_type"]
    signer = botocore.auth.SigV4Auth(credentials, case["service"], case["region"])
    signer.add_auth(request)
    authorization = request.headers["Authorization"]
    del request.headers["Authorization"]
    canonical = signer.canonical_request(request)
    steps = {"canonical_request": canonical, "string_to_sign": signer.string_to_sign(request, canonical)}
    return {**case, **steps, "authorization": authorization}


def requests():
    draw = random.Random("requests")
    for name in MODEL.operation_names:
        shape = MODEL.operation_model(name).input_shape
        for _ in range(REQUESTS_EACH if shape and shape.members else 1):
            drawn = members(draw, shape) if shape else {}
            yield {"op": name, "input": drawn, "body": body(name, drawn)}


def body(name, drawn):
    """The form that botocore sends, with blanks as `+`."""
    serializer = botocore.serialize.create_serializer("query", include_validation=False)
    serialized = serializer.serialize_to_request(drawn, MODEL.operation_model(name))
    return AWSRequest(method="POST", url="https://localhost/", data=serialized["body"]).prepare().body


def members(draw, shape):
    """Required members are always there, and structures in lists may lack some: the writer is not to judge that."""
    at_top = shape.name.endswith("Request")
    wanted = {name for name in shape.members if (at_top and name in shape.required_members) or draw.random() < 0.8}
    return {name: value(draw, member) for name, member in shape.members.items() if name in wanted}


def value(draw, shape):
    """Of the right type, with no regard for limits, patterns and enumerations."""
    if shape.type_name == "structure":
        return members(draw, shape)
    if shape.type_name == "list":
        return [value(draw, shape.member) for _ in range(draw.randrange(4))]
    if shape.type_name == "integer":
        return draw.randrange(100_000)
    return text(draw, 0, 60)


def responses():
    draw = random.Random("responses")
    for name in MODEL.operation_names:
        operation = MODEL.operation_model(name)
        for _ in range(RESPONSES_EACH):
            result = output(draw, operation.output_shape)
            metadata = f"<ResponseMetadata><RequestId>{identifier(draw)}</RequestId></ResponseMetadata>"
            parts = [f"<{name}Result>{result}</{name}Result>", metadata]
            draw.shuffle(parts)
            yield parsed(name, 200, f'<{name}Response xmlns="{NAMESPACE}">\n  {parts[0]}\n  {parts[1]}\n</{name}Response>')
        for shape in operation.error_shapes:
            error = shape.metadata["error"]
            # Whether blanks around it belong to a message is of no interest.
            message = text(draw, 1, 80).strip() or "-"
            kind = "Sender" if error.get("senderFault") else "Receiver"
            xml = (f"<Error><Type>{kind}</Type><Code>{error['code']}</Code><Message>{content(draw, message)}</Message></Error>"
                   f"<RequestId>{identifier(draw)}</RequestId>")
            yield parsed(name, error["httpStatusCode"], f'<ErrorResponse xmlns="{NAMESPACE}">{xml}</ErrorResponse>')


def parsed(name, status, xml):
    """The case with what botocore reads."""
    parser = botocore.parsers.QueryParser(timestamp_parser=lambda time: time)
    response = {"body": xml.encode(), "headers": {}, "status_code": status}
    result = parser.parse(response, MODEL.operation_model(name).output_shape)
    return {"op": name, "status": status, "xml": xml, "parsed": result}


def output(draw, shape):
    """A structure's members, in any order: all credentials, and at least one of the others."""
    names = list(shape.members)
    draw.shuffle(names)
    if shape.name != CREDENTIALS.name:
        names = names[:1] + [name for name in names[1:] if draw.random() < 0.85]
    return "".join(f"<{name}>{xml_value(draw, shape.members[name])}</{name}>" for name in names)


def xml_value(draw, shape):
    if shape.type_name == "structure":
        return output(draw, shape)
    if shape.type_name == "map":
        entries = [f"<key>{index}{content(draw, text(draw, 0, 9))}</key><value>{content(draw, text(draw, 0, 60))}</value>"
                   for index in range(draw.randrange(4))]
        return "".join(f"<entry>{entry}</entry>" for entry in entries)
    if shape.type_name == "integer":
        return str(draw.randrange(100_000))
    if shape.type_name == "timestamp":
        time = datetime.datetime.fromtimestamp(draw.randrange(2**31), datetime.timezone.utc)
        return time.strftime("%Y-%m-%dT%H:%M:%S") + draw.choice(["Z", "Z", ".25Z", "+00:00", "-03:30"])
    return content(draw, text(draw, 0, 60))


def content(draw, characters):
    """One of the ways to write a text in XML."""
    kind = draw.randrange(4)
    if kind == 0 and characters:
        return f"<![CDATA[{characters.replace(']]>', ']]]]><![CDATA[>')}]]>"
    if kind == 1:
        return "".join(f"&#{ord(one)};" if draw.random() < 0.3 else escape(one) for one in characters)
    return escape(characters)


def text(draw, shortest, longest, alphabet=UNICODE):
    return "".join(draw.choices(alphabet, k=draw.randint(shortest, longest)))


def identifier(draw):
    return f"{draw.getrandbits(32):08x}-0000-4000-8000-000000000000"


if __name__ == "__main__":
    main()
