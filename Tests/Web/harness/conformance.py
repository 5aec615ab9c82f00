"""Run by the Python of .build/venv: what openapi-spec-validator and jsonschema say.

Reads {"document": …, "exchanges": [{"method", "path", "status", "headers", "body", "request"}]} and
prints a list of what does not conform.
"""

import json
import re
import sys

import jsonschema
import openapi_spec_validator


def follow(document, node):
    while "$ref" in node:
        place = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        node = place
    return node


def problems(document, exchange):
    def check(what, schema, value):
        try:
            jsonschema.validate(value, {**schema, "components": document["components"]},
                                jsonschema.Draft202012Validator)
        except jsonschema.ValidationError as error:
            yield f"{what}: {error.message}"

    operations = document["paths"][exchange["path"]]
    # What a path does not take is answered as all of its calls say.
    operation = operations.get(exchange["method"].lower()) or next(iter(operations.values()))
    if exchange["request"] is not None:
        yield from check("request", operation["requestBody"]["content"]["application/json"][
            "schema"], exchange["request"])
    response = operation["responses"].get(str(exchange["status"]))
    if response is None:
        yield "a status that is not in the document"
        return
    response = follow(document, response)
    for name, header in response.get("headers", {}).items():
        value = exchange["headers"].get(name.lower())
        if value is None:
            if header.get("required"):
                yield f"no header {name}"
        else:
            number = header["schema"]["type"] == "integer" and re.fullmatch(r"\d+", value)
            yield from check(name, header["schema"], int(value) if number else value)
    if "content" not in response:
        if exchange["body"]:
            yield "a body where none is"
        return
    kind = exchange["headers"]["content-type"].partition(";")[0]
    if kind not in response["content"]:
        yield f"content type {kind}"
    elif kind == "application/json":
        yield from check("answer", response["content"][kind]["schema"],
                         json.loads(exchange["body"]))


def main():
    told = json.load(sys.stdin)
    openapi_spec_validator.validate(told["document"])
    json.dump([f"{e['method']} {e['path']} {e['status']}: {problem}" for e in told["exchanges"]
               for problem in problems(told["document"], e)], sys.stdout)


main()
