"""`pixola bulk` with pictures in a store: its ledger here, its results there, and nothing twice after a kill."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from pixola_ext._io.remote import _Store
from pixola_ext.cli import exits
from pixola_ext.cli.schemas import schema_of
from pixola_ext.sandbox import Sandbox
from tests.support import s3
from tests.support.command import PIXOLA, Ran, Served, environment
from tests.support.many import posts

Inside = Callable[..., Ran]

PROMPTS = b"a fox\na hen\na cat\n"


def pictures(bucket: s3.Bucket) -> list[str]:
    """The names of the pictures in the bucket."""
    return [name for name in bucket.objects() if name.endswith(".png")]


def test_a_run_into_a_store_is_one_like_any_other(inside: Inside, box: Sandbox, bucket: s3.Bucket) -> None:
    """Its figures, its results, and the commands for it, which all take the URL, with a slash at the end or without."""
    url = f"{bucket.url}/pictures"
    ran = inside("--json", "bulk", "run", "-", "-m", "sana-1.6b", "-o", f"{url}/", stdin=PROMPTS)
    document = ran.json()
    jsonschema.validate(document, schema_of("bulk run"))
    assert (ran.code, document["folder"], document["counts"]["fetched"]) == (exits.DONE, url, 3)
    assert (document["metadata"], document["results"]) == (f"{url}/metadata.jsonl", f"{url}/results.csv")
    lines = [json.loads(line) for line in bucket.objects()["pictures/metadata.jsonl"].splitlines()]
    assert sorted(f"pictures/{line['file_name']}" for line in lines) == sorted(pictures(bucket))
    assert len(bucket.objects()["pictures/results.csv"].splitlines()) == 4
    assert inside("--json", "bulk", "status", url).json()["is_done"]
    assert inside("--json", "bulk", "export", url).json() == lines
    assert "nothing left to do" in inside("bulk", "resume", url).err
    for name in ("retry", "resolve"):
        assert inside("bulk", name, url).code == exits.DONE
    assert inside("--json", "bulk", "cancel", url, "--yes").json() == {"folder": url, "cancelled": 0}
    assert inside("bulk", "status", f"{url}-of-another").code == exits.USAGE


def test_results_are_replaced_as_a_whole(inside: Inside, box: Sandbox, bucket: s3.Bucket) -> None:
    """By those of the next run."""
    words = ("bulk", "run", "-", "-m", "sana-1.6b", "-o", bucket.url)
    inside(*words, stdin=b"a fox\n")
    assert inside(*words, stdin=PROMPTS).code == exits.DONE
    assert len(bucket.objects()["metadata.jsonl"].splitlines()) == len(pictures(bucket)) == 3


def test_a_dry_run_writes_nothing_into_a_store(inside: Inside, box: Sandbox, bucket: s3.Bucket) -> None:
    """And knows no free space there."""
    ran = inside("--json", "bulk", "run", "-", "-m", "sana-1.6b", "-o", bucket.url, "--dry-run", stdin=PROMPTS)
    jsonschema.validate(ran.json(), schema_of("bulk run"))
    assert (ran.code, ran.json()["free_bytes"], bucket.objects()) == (exits.DONE, None, {})


@pytest.mark.parametrize(
    ("dest", "reason"),
    [
        ("nothing://bucket/pictures", "fsspec does not know"),
        ("s3://no-such-bucket-here", "bucket does not exist"),
        ("gs://bucket", "install gcsfs"),
        ("s3://bucket/fox.png", "must be a folder"),
    ],
)
def test_a_store_that_cannot_be_used_is_refused(
    inside: Inside, box: Sandbox, bucket: s3.Bucket, dest: str, reason: str
) -> None:
    """In one line, before anything is paid."""
    ran = inside("bulk", "run", "-", "-m", "sana-1.6b", "-o", dest, stdin=PROMPTS)
    assert (ran.code, ran.err.strip().count("\n") <= 2) == (exits.USAGE, True)
    assert reason in " ".join(ran.err.split())
    assert posts(box) == 0


def test_generate_and_download_take_urls(inside: Inside, box: Sandbox, bucket: s3.Bucket) -> None:
    """The paths that are printed are URLs; --force overwrites there, too."""
    dest = f"{bucket.url}/fox.png"
    ran = inside("--json", "generate", "a fox", "-m", "sana-1.6b", "-o", dest)
    assert [image["path"] for image in ran.json()["images"]] == [dest]
    first = bucket.objects()["fox.png"]
    batch_id = inside("--json", "generate", "a hen", "-m", "sana-1.6b", "-o", bucket.url).json()["batch_id"]
    assert inside("download", batch_id, "-o", dest, "--force").out.strip() == dest
    assert bucket.objects()["fox.png"] != first
    assert inside("download", batch_id, "-o", dest).out.strip() == dest


def test_a_run_that_is_killed_while_it_uploads_delivers_each_picture_once(
    tmp_path: Path, served: Served, bucket: s3.Bucket
) -> None:
    """Half an upload leaves no object; the ledger of the state folder goes on."""
    state = str(tmp_path / "state")
    (tmp_path / "in.txt").write_bytes(PROMPTS)
    with s3.gate(bucket.port) as store:
        env = environment(**served.settings, **s3.settings(store.port), PIXOLA_STATE_DIR=state)
        words = [*PIXOLA, "bulk", "run", "in.txt", "-m", "sana-1.6b", "-o", bucket.url]
        with subprocess.Popen(words, cwd=tmp_path, env=env, stderr=subprocess.DEVNULL) as run:
            assert store.held.wait(60)
            run.kill()
    assert bucket.objects() == {}
    env = environment(**served.settings, **bucket.settings, PIXOLA_STATE_DIR=state)
    words = [*PIXOLA, "--json", "bulk", "resume", bucket.url]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
    document = json.loads(done.stdout)
    assert (done.returncode, document["counts"]["fetched"], "Traceback" in done.stderr) == (exits.DONE, 3, False)
    assert len(pictures(bucket)) == len(set(pictures(bucket))) == 3
    assert bucket.uploads() == []


def test_a_store_that_goes_away_leaves_the_pictures_to_resume(
    inside: Inside, box: Sandbox, bucket: s3.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are paid for and settled; the report says so although the results cannot be written either."""
    url, fails = f"{bucket.url}/pictures", [True]
    call = _Store._call

    def broken(self: _Store, name: str, *args: object, **kwargs: object) -> object:
        if fails[0] and any(str(arg).endswith((".png", ".csv", ".jsonl")) for arg in args):
            raise OSError("the server is gone")
        return call(self, name, *args, **kwargs)

    monkeypatch.setattr(_Store, "_call", broken)
    ran = inside("--json", "bulk", "run", "-", "-m", "sana-1.6b", "-o", url, stdin=PROMPTS)
    document = ran.json()
    jsonschema.validate(document, schema_of("bulk run"))
    assert (ran.code != exits.DONE, document["counts"]["settled"], document["metadata"]) == (True, 3, None)
    assert document["next"] == f"pixola bulk resume {url}"
    assert "the server is gone" in document["error"]["message"]
    fails[0] = False
    assert inside("bulk", "resume", url).code == exits.DONE
    assert len(pictures(bucket)) == 3
