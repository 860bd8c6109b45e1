"""Names the sources that were made, without their tests, in a file that javac reads."""

from pathlib import Path

names = [path.as_posix() for path in sorted(Path().rglob("*.java")) if "test" not in path.parts]
Path("sources").write_text("\n".join(names), "utf-8")
