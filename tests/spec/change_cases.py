"""Single changes of the reference document, each with what it means for clients; `changed()` makes them."""

import copy

from tests.support.reference import reference

DOCUMENT = reference()


def operation(document, name):
    method, path = name.split()
    return document["paths"][path][method.lower()]


def schema(document, name):
    return document["components"]["schemas"][name]


def member(document, path):
    name, _, inside = path.partition(".")
    return schema(document, name)["properties"][inside]


def put(path, **keys):
    """Set keys of a member such as `Batch.images`, or of a schema; None removes one."""

    def mutate(document):
        node = member(document, path) if "." in path else schema(document, path)
        node.update({key.rstrip("_"): value for key, value in keys.items()})
        for key in [key for key, value in node.items() if value is None]:
            del node[key]

    return mutate


def parameter(name, **keys):
    return lambda document: document["components"]["parameters"][name].update(keys)


def bounds(name, **keys):
    return lambda document: document["components"]["parameters"][name]["schema"].update(keys)


def on(name, **keys):
    """Set keys of an operation such as `GET /models`."""
    return lambda document: operation(document, name).update(keys)


def top(**keys):
    return lambda document: document.update({key.rstrip("_"): value for key, value in keys.items()})


def without(name):
    """Remove a member of a schema and its mention in `required`."""

    def mutate(document):
        owner, _, inside = name.partition(".")
        del schema(document, owner)["properties"][inside]
        required = schema(document, owner)["required"]
        schema(document, owner)["required"] = [each for each in required if each != inside]

    return mutate


def with_member(owner, name, *, required=False, **says):
    def mutate(document):
        schema(document, owner)["properties"][name] = says or {"type": "string"}
        if required:
            schema(document, owner)["required"].append(name)

    return mutate


def drop_operation(document):
    del document["paths"]["/credits"]


def add_operation(document):
    document["paths"]["/credits"]["post"] = {"responses": {"200": {"description": "Done."}}}


def optional_parameter(document):
    operation(document, "GET /batches")["parameters"].append({"name": "sort", "in": "query", "schema": {}})


def required_path_level_parameter(document):
    one = {"name": "X-Team", "in": "header", "required": True, "schema": {"type": "string"}}
    document["paths"]["/batches"]["parameters"] = [one]


def drop_parameter(document):
    operation(document, "GET /images")["parameters"].pop()


def rename_path_parameter(document):
    document["paths"]["/batches/{id}"] = document["paths"].pop("/batches/{batchId}")
    document["components"]["parameters"]["BatchId"]["name"] = "id"


def default_gone(document):
    del document["components"]["parameters"]["BatchLimit"]["schema"]["default"]


def reorder_parameters(document):
    operation(document, "GET /batches")["parameters"].reverse()


def drop_body(document):
    del operation(document, "POST /generate")["requestBody"]


def optional_body(document):
    operation(document, "POST /generate")["requestBody"]["required"] = False


def body_type(document):
    content = operation(document, "POST /generate")["requestBody"]["content"]
    content["application/x-www-form-urlencoded"] = content.pop("application/json")


def refusing_body(document):
    without("GenerationRequest.style")(document)
    schema(document, "GenerationRequest")["additionalProperties"] = False


def success_gone(document):
    answers = operation(document, "POST /generate")["responses"]
    answers["default"] = answers.pop("200")


def success_added(document):
    operation(document, "POST /generate")["responses"]["202"] = {"description": "Later."}


def error_added(document):
    operation(document, "POST /generate")["responses"]["503"] = {"description": "Closed."}


def error_gone(document):
    del operation(document, "GET /credits")["responses"]["500"]


def answer_type(document):
    operation(document, "GET /credits")["responses"]["200"]["content"]["application/xml"] = {}


def answer_type_gone(document):
    del operation(document, "GET /credits")["responses"]["200"]["content"]["application/json"]


def header_gone(document):
    del document["components"]["responses"]["RateLimited"]["headers"]["Retry-After"]


def header_optional(document):
    document["components"]["responses"]["RateLimited"]["headers"]["Retry-After"]["required"] = False


def header_added(document):
    document["components"]["responses"]["RateLimited"]["headers"]["X-Left"] = {"schema": {"type": "integer"}}


def other_scheme(document):
    document["components"]["securitySchemes"]["bearerAuth"] = {"type": "apiKey", "in": "header", "name": "X-Key"}


def another_way_in(document):
    document["components"]["securitySchemes"]["cookie"] = {"type": "apiKey", "in": "cookie", "name": "session"}
    document["security"].append({"cookie": []})


def alternatives(*schemas):
    return lambda document: member(document, "CreditBalance.plan").update({"oneOf": list(schemas)})


def example(document):
    operation(document, "GET /credits")["responses"]["200"]["content"]["application/json"]["example"] = {}


def quality(**keys):
    """Write the schema out where the request refers to it, with a change."""
    return put("GenerationRequest.quality", **{"$ref": None, **schema(DOCUMENT, "Quality"), **keys})


BREAKING, SAFE, COSMETIC = "breaking", "safe", "cosmetic"
QUALITY = "POST /generate body quality"
CASES = [
    ("response-member-removed", without("BatchImage.url"), BREAKING, "response-property-removed",
     "GET /batches/{batchId} 200 images[].url"),
    ("response-member-optional", put("GenerationAccepted", required=[]), BREAKING, "response-property-optional",
     "POST /generate 200 batchId"),
    ("response-member-nullable", put("GenerationAccepted.batchId", nullable=True), BREAKING,
     "response-nullable-added", "POST /generate 200 batchId"),
    ("response-null-gone", put("CreditBalance.plan", nullable=None), SAFE, "response-nullable-removed",
     "GET /credits 200 plan"),
    ("response-member-required", put("Model", required=["slug", "name", "description", "pricing", "tags"]), SAFE,
     "response-property-required", "GET /models/{model} 200 tags"),
    ("response-type", put("CreditBalance.balance", type="string"), BREAKING, "response-type-changed",
     "GET /credits 200 balance"),
    ("response-integer-to-number", put("CreditBalance.balance", type="number"), BREAKING, "response-type-changed",
     "GET /credits 200 balance"),
    ("response-items-type", put("Model.tags", items={"type": "integer"}), BREAKING, "response-type-changed",
     "GET /models 200 models[].tags[]"),
    ("response-enum-wider", lambda document: schema(document, "BatchStatus")["enum"].append("paused"), BREAKING,
     "response-enum-widened", "GET /batches/{batchId} 200 status"),
    ("response-enum-any-word", put("BatchStatus", enum=None), BREAKING, "response-enum-widened",
     "GET /batches 200 batches[].status"),
    ("response-enum-narrower", lambda document: schema(document, "BatchStatus")["enum"].pop(), SAFE,
     "response-enum-narrowed", "GET /batches/{batchId} 200 status"),
    ("response-member-added", with_member("CreditBalance", "renews"), SAFE, "response-property-added",
     "GET /credits 200 renews"),
    ("response-format", put("Image.createdAt", format="date"), BREAKING, "response-format-changed",
     "GET /images/{imageId} 200 createdAt"),
    ("response-format-gone", put("Image.createdAt", format=None), BREAKING, "response-format-removed",
     "GET /images/{imageId} 200 createdAt"),
    ("response-format-added", put("CreditBalance.balance", format="int32"), SAFE, "response-format-added",
     "GET /credits 200 balance"),
    ("response-bound-looser", put("Image.creditsCharged", minimum=None), SAFE, "response-bound-loosened",
     "GET /images/{imageId} 200 creditsCharged"),
    ("response-closed", put("OpenApiDocument", additionalProperties=False), SAFE,
     "response-additional-properties-closed", "GET /openapi.json 200"),
    ("response-constraint", put("CreditBalance.plan", not_={"enum": ["none"]}), BREAKING,
     "response-constraint-changed", "GET /credits 200 plan"),
    ("response-member-deprecated", put("CreditBalance.plan", deprecated=True), SAFE, "response-schema-deprecated",
     "GET /credits 200 plan"),
    ("request-new-required", with_member("GenerationRequest", "seed", required=True), BREAKING,
     "request-required-property-added", "POST /generate body seed"),
    ("request-new-optional", with_member("GenerationRequest", "seed"), SAFE, "request-property-added",
     "POST /generate body seed"),
    ("request-optional-to-required", put("GenerationRequest", required=["prompt", "model"]), BREAKING,
     "request-property-required", "POST /generate body model"),
    ("request-required-to-optional", put("GenerationRequest", required=[]), SAFE, "request-property-optional",
     "POST /generate body prompt"),
    ("request-member-ignored", without("GenerationRequest.style"), SAFE, "request-property-removed",
     "POST /generate body style"),
    ("request-null-allowed", put("GenerationRequest.style", nullable=True), SAFE, "request-nullable-added",
     "POST /generate body style"),
    ("request-enum-narrower", quality(enum=["hd"]), BREAKING,
     "request-enum-narrowed", QUALITY),
    ("request-enum-wider", quality(enum=None), SAFE,
     "request-enum-widened", QUALITY),
    ("request-number-to-integer", bounds("BatchLimit", type="number"), SAFE, "request-type-widened",
     "GET /batches query limit"),
    ("request-type", bounds("BatchLimit", type="string"), BREAKING, "request-type-changed", "GET /batches query limit"),
    ("request-maximum-lower", bounds("BatchLimit", maximum=50), BREAKING, "request-bound-tightened",
     "GET /batches query limit"),
    ("request-maximum-higher", bounds("BatchLimit", maximum=200), SAFE, "request-bound-loosened",
     "GET /batches query limit"),
    ("request-minimum-higher", bounds("BatchLimit", minimum=2), BREAKING, "request-bound-tightened",
     "GET /batches query limit"),
    ("request-minimum-exclusive", bounds("BatchLimit", exclusiveMinimum=True), BREAKING, "request-bound-tightened",
     "GET /batches query limit"),
    ("request-min-length", put("GenerationRequest.prompt", minLength=3), BREAKING, "request-bound-tightened",
     "POST /generate body prompt"),
    ("request-max-length", put("GenerationRequest.prompt", maxLength=1000), BREAKING, "request-bound-tightened",
     "POST /generate body prompt"),
    ("request-pattern", put("GenerationRequest.model", pattern="^[a-z0-9-]+$"), BREAKING, "request-bound-tightened",
     "POST /generate body model"),
    ("request-format", put("GenerationRequest.model", format="uuid"), BREAKING, "request-format-added",
     "POST /generate body model"),
    ("request-closed", put("GenerationRequest", additionalProperties=False), BREAKING,
     "request-additional-properties-closed", "POST /generate body"),
    ("default-changed", bounds("BatchLimit", default=10), SAFE, "request-default-changed", "GET /batches query limit"),
    ("default-removed", default_gone, SAFE, "request-default-changed", "GET /batches query limit"),
    ("parameter-added", optional_parameter, SAFE, "parameter-added", "GET /batches query sort"),
    ("parameter-added-required", required_path_level_parameter, BREAKING, "parameter-required",
     "GET /batches header X-Team"),
    ("parameter-required", parameter("BatchFilter", required=True), BREAKING, "parameter-required",
     "GET /images query batchId"),
    ("parameter-removed", drop_parameter, BREAKING, "parameter-removed", "GET /images query batchId"),
    ("parameter-style", parameter("BatchFilter", explode=False), BREAKING, "parameter-style-changed",
     "GET /images query batchId"),
    ("parameter-deprecated", parameter("BatchFilter", deprecated=True), SAFE, "parameter-deprecated",
     "GET /images query batchId"),
    ("path-parameter-renamed", rename_path_parameter, SAFE, "path-parameter-renamed", "GET /batches/{id} path id"),
    ("parameter-order", reorder_parameters, COSMETIC, "order-changed", "GET /batches"),
    ("body-removed", drop_body, BREAKING, "request-body-removed", "POST /generate body"),
    ("body-optional", optional_body, SAFE, "request-body-optional", "POST /generate body"),
    ("operation-removed", drop_operation, BREAKING, "operation-removed", "GET /credits"),
    ("operation-added", add_operation, SAFE, "operation-added", "POST /credits"),
    ("operation-deprecated", on("GET /credits", deprecated=True), SAFE, "operation-deprecated", "GET /credits"),
    ("operation-id", on("GET /credits", operationId="balance"), BREAKING, "operation-id-changed", "GET /credits"),
    ("operation-tags", on("GET /credits", tags=["Meta"]), COSMETIC, "operation-tags-changed", "GET /credits"),
    ("operation-summary", on("GET /credits", summary="Money"), COSMETIC, "description-changed", "GET /credits"),
    ("success-removed-and-default", success_gone, BREAKING, "success-status-removed", "POST /generate 200"),
    ("success-added", success_added, BREAKING, "success-status-added", "POST /generate 202"),
    ("error-added", error_added, SAFE, "error-status-added", "POST /generate 503"),
    ("error-removed", error_gone, SAFE, "error-status-removed", "GET /credits 500"),
    ("answer-type-added", answer_type, SAFE, "response-content-type-added", "GET /credits 200"),
    ("answer-type-removed", answer_type_gone, BREAKING, "response-content-type-removed", "GET /credits 200"),
    ("header-removed", header_gone, BREAKING, "response-header-removed", "GET /models 429 header Retry-After"),
    ("header-optional", header_optional, BREAKING, "response-header-optional", "GET /models 429 header Retry-After"),
    ("header-added", header_added, SAFE, "response-header-added", "GET /models 429 header X-Left"),
    ("security-added", on("GET /models", security=[{"bearerAuth": []}]), BREAKING, "security-added", "GET /models"),
    ("security-removed", on("GET /credits", security=[]), SAFE, "security-removed", "GET /credits"),
    ("security-another-way", another_way_in, SAFE, "security-alternative-added", "GET /credits"),
    ("server", top(servers=[{"url": "https://api.pixola.ai"}]), BREAKING, "server-url-changed", "servers"),
    ("server-added", lambda document: document["servers"].append({"url": "https://eu.pixola.ai"}), SAFE,
     "server-added", "servers"),
    ("title", lambda document: document["info"].update(title="Pixels"), COSMETIC, "info-changed", "info title"),
    ("version", lambda document: document["info"].update(version="2"), COSMETIC, "info-changed", "info version"),
    ("openapi-version", top(openapi="3.0.4"), COSMETIC, "info-changed", "openapi"),
    ("info-extension", lambda document: document["info"].update({"x-source": {}}), COSMETIC, "extension-changed",
     "info"),
    ("description", put("CreditBalance.plan", description="What you pay."), COSMETIC, "description-changed",
     "GET /credits 200 plan"),
    ("example", example, COSMETIC, "example-changed", "GET /credits 200"),
    ("extension", on("GET /credits", **{"x-cost": 1}), COSMETIC, "extension-changed", "GET /credits"),
    ("enum-order", lambda document: schema(document, "BatchStatus")["enum"].reverse(), COSMETIC, "order-changed",
     "GET /batches/{batchId} 200 status"),
]  # fmt: skip
SEVERAL = [  # changes that cannot but bring others of the same severity or less
    ("request-member-refused", refusing_body, BREAKING, "request-property-refused", "POST /generate body style"),
    ("body-type-removed", body_type, BREAKING, "request-content-type-removed", "POST /generate body"),
    ("security-other-scheme", other_scheme, BREAKING, "security-alternative-removed", "GET /credits"),
    ("response-alternative", alternatives({"type": "string"}, {"type": "integer"}), BREAKING,
     "response-alternative-added", "GET /credits 200 plan"),
    ("webhook", top(webhooks={"done": {"post": {}}}), BREAKING, "callbacks-changed", "webhooks"),
]  # fmt: skip


def changed(mutate):
    """The document with a change made to it."""
    document = copy.deepcopy(DOCUMENT)
    mutate(document)
    return document
