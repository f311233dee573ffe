"""Functions of recorded cases in every language: what `functions/` holds, made into packages, and what runs them."""

import functools
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

FUNCTIONS = Path(__file__).parent / "functions"
JAVA_LIBRARY = Path(__file__).resolve().parents[3] / "runtimes/java/runtime.jar"
# What cannot be made on this host, by the program that makes it.
COMPILERS = {"java": "javac", "dotnet": "mcs"}


def language_of(runtime):
    for language in ("python", "nodejs", "java", "ruby", "dotnet", "provided"):
        if runtime.startswith(language):
            return language
    raise ValueError(runtime)


def others():
    """What runs a language on this host, whichever its version."""
    found = {"python": os.path.realpath(sys.executable), "dotnet": os.environ.get("NUAGE_TEST_DOTNET")}
    for language, program in [("nodejs", "node"), ("java", "java"), ("ruby", "ruby")]:
        path = shutil.which(program)
        found[language] = path and os.path.realpath(path)
    return {language: path for language, path in found.items() if path and Path(path).exists()}


def interpreters(cloud, wanted):
    """What runs each of the `wanted` runtimes: that version, or else one that stands in for it; and which do."""
    # With this user's home, where version managers put theirs.
    home = {"HOME": os.environ.get("HOME", "/")}
    listed = json.loads(cloud.nuage("runtime", "list", "--output", "json", environment=home).stdout)
    exact = {one["name"]: one["found"] for one in listed if one["available"]}
    found = {name: path for name, path in exact.items() if name in wanted and path.startswith("/")}
    here = others()
    stand_ins = {name for name in wanted if name not in exact and language_of(name) in here}
    return {**found, **{name: here[language_of(name)] for name in stand_ins}}, stand_ins, set(exact) | stand_ins


def compiled(command, sources, out):
    subprocess.run([*command, *map(str, sources)], check=True, capture_output=True, text=True)
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@functools.cache
def java_classes():
    """The classes of all functions in Java."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        command = ["javac", "--release", "8", "-nowarn", "-cp", JAVA_LIBRARY, "-d", out]
        return compiled(command, sorted((FUNCTIONS / "java").glob("*.java")), out)


@functools.cache
def dotnet_libraries():
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        core, function = out / "Amazon.Lambda.Core.dll", out / "dotnet.dll"
        compiled(["mcs", "-nologo", "-target:library", f"-out:{core}"], [FUNCTIONS / "dotnet/Core.cs"], out)
        command = ["mcs", "-nologo", "-target:library", f"-reference:{core}", f"-out:{function}"]
        return compiled(command, [FUNCTIONS / "dotnet/Function.cs"], out)


def missing(runtime):
    """Why no function for this runtime can be made here, if that is so."""
    compiler = COMPILERS.get(language_of(runtime))
    return f"{compiler} is not on this host" if compiler and not shutil.which(compiler) else None


def package_of(runtime, scenario):
    """The files of the function that does `scenario`, and its handler as recorded."""
    language = language_of(runtime)
    if language == "java":
        files, handler = java_classes(), "echo.Handler"
    elif language == "dotnet":
        files, handler = dotnet_libraries(), "dotnet::Dotnet.Function::FunctionHandler"
    else:
        name, mode, handler = {
            "python": ("handler.py", 0o644, "handler.handler"),
            "nodejs": ("index.js", 0o644, "index.handler"),
            "ruby": ("function.rb", 0o644, "function.handler"),
            "provided": ("bootstrap", 0o755, "function.handler"),
        }[language]
        files = {name: ((FUNCTIONS / name).read_text(), mode)}
    return {**files, "scenario.txt": scenario}, handler



def archive(files):
    """A jar with these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as jar:
        for name, content in files.items():
            jar.writestr(name, content)
    return out.getvalue()


def java_package(form):
    """All functions in Java and their library, in one of the forms that packages have."""
    classes = java_classes()
    library = {name: content for name, content in classes.items() if name.startswith("library/")}
    functions = {name: content for name, content in classes.items() if name not in library}
    if form == "jar-with-lib":
        return {**functions, "lib/library.jar": archive(library)}
    if form == "zip-with-lib":
        return {"lib/library.jar": archive(library), "lib/function.jar": archive(functions)}
    # Classes beside jars, as Gradle's plugin for distributions packs them.
    return {"lib/library.jar": archive(library), **functions}
