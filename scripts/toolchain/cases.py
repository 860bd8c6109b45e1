"""The table of foreign toolchains that must take openapi.json as it is; toolchains.py runs it.

A step is a command line. Words in braces are filled in: `{spec}` is the document, `{node}` and `{python}` are the
folders of programs from npm and PyPI, `{venv}` is the Python of the latter and `{here}` our own, `{jar}` is
openapi-generator's, `{port}` a free port and `{sandbox}` the base URL of the running sandbox. Steps run in the folder
of the case, with PIXOLA_BASE_URL and PIXOLA_API_KEY set to the sandbox, or to what the case serves itself.
"""

from typing import Final

from attrs import field, frozen


@frozen
class Step:
    """A command, and what its success means; nothing if it only prepares the next.

    `unreachable` is, as a pattern, what it says when its registry cannot be reached.
    """

    means: str
    command: str
    unreachable: str | None = None


@frozen
class Case:
    """One toolchain: its package (for the version), the files it needs beside it, and its steps in order.

    `tolerated` are warnings, as patterns, that are not about our document, each with the reason that the table gives.
    """

    name: str
    package: str
    steps: tuple[Step, ...]
    files: tuple[str, ...] = ()
    serves: str | None = None
    tolerated: dict[str, str] = field(factory=dict)
    note: str = ""


_TSC: Final = Step("tsc --strict", "{node}/tsc --project tsconfig.json")
_LIVE: Final = "live round trip"
_READS: Final = "reads live answers"
_MADE_TS: Final = ("tsconfig.json",)
_LIVE_TS: Final = ("tsconfig.json", "live.ts")
_ORVAL: Final = "{node}/orval --input {spec} --output made.ts "
_POSTMAN: Final = "{{node}}/openapi2postmanv2 --spec served.json --output {}"
_POSTMAN_OPTIONS: Final = "parametersResolution=Example,enableOptionalParameters=false"
_GENERATOR_WARNINGS: Final = {
    r"Failed to get the schema name: null": "warns of each named example in a response, which is valid OpenAPI",
    r"ApplicationJson cannot be used as a model name": "warns of every `application/json` there is",
    r"Ignoring complex example on request body": "warns that it ignores the examples of requests",
}


def _generator(target: str, *steps: Step, files: tuple[str, ...] = (), options: str = "", note: str = "") -> Case:
    command = "{python}/openapi-generator-cli generate --generator-name %s --input-spec {spec} --output made %s"
    make = Step("generated", command % (target, options))
    name = f"openapi-generator, {target}"
    return Case(name, "openapi-generator-cli", (make, *steps), files, tolerated=_GENERATOR_WARNINGS, note=note)


def _datamodel(kind: str, output: str, options: str = "") -> Case:
    command = "{python}/datamodel-codegen --input {spec} --input-file-type openapi --output made.py"
    options = f"--output-model-type {output} --strict-nullable --formatters builtin {options}"
    steps = (
        Step("generated", f"{command} {options}"),
        Step("mypy --strict", "{python}/mypy --strict made.py"),
        Step(_READS, f"{{venv}} live_models.py {kind}"),
    )
    return Case(f"datamodel-code-generator, {kind}", "datamodel-code-generator", steps, ("live_models.py",))


def _prism(mode: str, serves: str, note: str) -> Case:
    step = Step("our client works against it", f"{{here}} live_prism.py {mode}")
    return Case(f"Prism, {mode}", "@stoplight/prism-cli", (step,), ("live_prism.py",), serves=serves, note=note)


VALIDATORS: Final = (
    Case(
        "openapi-spec-validator", "openapi-spec-validator", (Step("valid", "{python}/openapi-spec-validator {spec}"),)
    ),
    Case(
        "Redocly",
        "@redocly/cli",
        (Step("no findings, recommended-strict", "{node}/redocly lint --extends recommended-strict {spec}"),),
        tolerated={r"Deprecation warning: Node\.js": "warns of the Node.js that it ran on"},
    ),
    Case(
        "Spectral",
        "@stoplight/spectral-cli",
        (
            Step(
                "no findings, spectral:oas",
                "{node}/spectral lint --fail-severity hint --ruleset spectral.yaml {spec}",
            ),
        ),
        ("spectral.yaml",),
    ),
)

GENERATORS: Final = (
    _generator(
        "python",
        Step("mypy", "{python}/mypy --config-file made/pyproject.toml made/openapi_client"),
        Step(_LIVE, "{venv} live_openapi_generator.py"),
        files=("live_openapi_generator.py",),
        note="mypy as the generated `pyproject.toml` sets it; the tool does not aim at `--strict` yet",
    ),
    _generator("typescript-fetch", _TSC, files=_MADE_TS),
    _generator("typescript-axios", _TSC, files=_MADE_TS),
    _generator(
        "go",
        Step("go vet", "{python}/go vet -C made ."),
        Step(_LIVE, "{python}/go run -C made ../live.go"),
        files=("live.go",),
        note="without its generated tests, which need a module that is not here",
    ),
    _generator(
        "java",
        Step("", "{here} java_sources.py"),
        Step("javac", "javac -nowarn -XDsuppressNotes -d classes -classpath {jar} @sources"),
        files=("Generated.java", "java_sources.py"),
        options="--library native --additional-properties openApiNullable=false",
        note="library native, against the Jackson inside the generator's own jar",
    ),
    _generator(
        "rust",
        Step(
            "parsed by rustfmt", "rustfmt --edition 2021 --check --config disable_all_formatting=true made/src/lib.rs"
        ),
        Step("cargo check", "cargo check --quiet --manifest-path made/Cargo.toml", r"Could not resolve host"),
    ),
    Case(
        "openapi-typescript, openapi-fetch",
        "openapi-typescript",
        (
            Step("generated", "{node}/openapi-typescript {spec} --output made.ts"),
            _TSC,
            Step(_LIVE, "{node}/tsx live_openapi_fetch.ts"),
        ),
        (*_LIVE_TS, "live_openapi_fetch.ts"),
    ),
    Case(
        "Hey API",
        "@hey-api/openapi-ts",
        (
            Step("generated", "{node}/openapi-ts --input {spec} --output made --no-log-file"),
            _TSC,
            Step(_LIVE, "{node}/tsx live_hey_api.ts"),
        ),
        (*_LIVE_TS, "live_hey_api.ts"),
    ),
    Case("orval, fetch", "orval", (Step("generated", _ORVAL + "--client fetch"), _TSC), _MADE_TS),
    Case(
        "orval, zod",
        "orval",
        (Step("generated", _ORVAL + "--client zod"), _TSC, Step(_READS, "{node}/tsx live_zod.ts")),
        (*_LIVE_TS, "live_zod.ts"),
    ),
    Case(
        "swagger-typescript-api",
        "swagger-typescript-api",
        (Step("generated", "{node}/swagger-typescript-api generate --path {spec} --output . --name made.ts"), _TSC),
        _MADE_TS,
    ),
    Case(
        "kubb, client and zod",
        "@kubb/core",
        (Step("generated", "{node}/kubb generate --config kubb.config.mjs"), _TSC),
        ("tsconfig.json", "kubb.config.mjs"),
    ),
    Case(
        "openapi-zod-client",
        "openapi-zod-client",
        (
            Step("generated", "{node}/openapi-zod-client {spec} --output made.ts"),
            Step("tsc --strict", "{node}/tsc --project tsconfig.zod3.json"),
        ),
        ("tsconfig.json", "tsconfig.zod3.json"),
        note="against zod 3, for which it writes",
    ),
    _datamodel("pydantic", "pydantic_v2.BaseModel", "--use-annotated"),
    _datamodel("msgspec", "msgspec.Struct"),
    Case(
        "Postman collection",
        "openapi-to-postmanv2",
        (
            Step("converted", "{node}/openapi2postmanv2 --spec {spec} --output made.json"),
            Step("one request for each operation, with the key", "{here} postman.py {spec} made.json"),
        ),
        ("postman.py",),
    ),
    Case(
        "oazapfts",
        "oazapfts",
        (
            Step("generated", "{node}/oazapfts {sandbox}/openapi.json made.ts"),
            _TSC,
            Step(_LIVE, "{node}/tsx live_oazapfts.ts"),
        ),
        (*_LIVE_TS, "live_oazapfts.ts"),
    ),
)

READERS: Final = (
    Case(
        "Postman collection, newman",
        "newman",
        (
            Step("", "{here} served.py"),
            Step("", _POSTMAN.format("default.json")),
            Step("", _POSTMAN.format(f"made.json --options {_POSTMAN_OPTIONS}")),
            Step("11 of 13 requests succeed, then 13", "{here} live_newman.py {node}/newman"),
        ),
        ("served.py", "postman.py", "live_newman.py"),
        note=f"imported with `{_POSTMAN_OPTIONS}` (in Postman: parameter generation from examples, optional parameters "
        "off), without which 5 of 13 succeed, and with `bearerToken` set to the key; the other two need ids of the "
        "account's own, of a batch and of an image, and succeed with them",
    ),
    Case(
        "swagger-client",
        "swagger-client",
        (Step(_LIVE, "{node}/tsx live_swagger_client.ts"),),
        ("live.ts", "live_swagger_client.ts"),
    ),
    Case(
        "FastMCP, from_openapi",
        "fastmcp",
        (Step("a tool for each operation, " + _LIVE, "{venv} live_fastmcp.py"),),
        ("live_fastmcp.py",),
    ),
    Case(
        "openapi-core",
        "openapi-core",
        (Step("each request and answer valid, " + _LIVE, "{venv} live_openapi_core.py"),),
        ("live_openapi_core.py",),
    ),
)

SERVERS: Final = (
    _prism("mock", "{node}/prism mock --port {port} {spec}", "every call, answered from the examples of the document"),
    _prism(
        "proxy",
        "{node}/prism proxy --errors --port {port} {spec} {sandbox}",
        "between our client and the sandbox; no request and no answer breaks the document",
    ),
)

CASES: Final = (*VALIDATORS, *GENERATORS, *READERS, *SERVERS)
