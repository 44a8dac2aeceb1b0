"""train-text, sample-text and eval-text."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from genmodels.cli import options
from genmodels.cli.console import (
    duration,
    is_terminal,
    make_reporter,
    printable,
    rich_console,
    say,
    show_table,
    write_result,
)
from genmodels.cli.options import DEFAULT_RUNS, Resolved, parse_epochs, parse_numbers, resolve, with_settings
from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.errors import DataError, UsageError
from genmodels.registry import family_of, load
from genmodels.runs import RunDir, create_run, find_run
from genmodels.settings import TextSettings, flag_of

if TYPE_CHECKING:
    from genmodels.data.corpus import Corpus, Reading
    from genmodels.sampling.text import Sample, SampleSettings, TextWriter
    from genmodels.training.language_model import LanguageModelTask

Notice = Callable[[str], None]
ARCHITECTURE = ("model", "layers", "hidden_size", "embedding_size", "context")


def register(app: typer.Typer) -> None:
    """Add the text commands."""
    app.command("train-text")(with_settings(TextSettings)(train_text))
    app.command("sample-text")(sample_text)
    app.command("eval-text")(eval_text)


# -- train-text -------------------------------------------------------------------------------------


def train_text(
    *,
    given: dict[str, Any],
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            help="Text files, folders, or - for standard input.", show_default="the Python language reference"
        ),
    ] = None,
    glob: Annotated[str, typer.Option(help="Which files of a folder.", rich_help_panel="Corpus")] = "*.txt",
    resume: Annotated[
        str | None,
        typer.Option(help="Go on with this run (or 'last') where it stopped.", rich_help_panel="Run"),
    ] = None,
    init_from: Annotated[
        str | None, typer.Option(help="Start from this run's best weights.", rich_help_panel="Run")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Settings from a TOML file or a run.json.", rich_help_panel="Run")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the run.", show_default="from the time", rich_help_panel="Run")
    ] = None,
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Train a character-level language model on a text.

    Examples:

      genmodels train-text                                    (the built-in corpus)

      genmodels train-text corpus.txt --minutes 3

      genmodels train-text book.txt --model gru --hidden-size 512 --device cuda

      genmodels train-text --resume last
    """
    del debug
    reporter = make_reporter("chars", quiet or json)
    if resume is not None:
        run = find_run(runs, resume, "text")
        others = {"a corpus": corpus, "--init-from": init_from, "--config": config, "--name": name}
        _refuse_contradictions(run, given, others)
        task = load(family_of("text").restore)(run, reporter.notice)
    else:
        run, task = _new_run(corpus or [], glob, given, init_from, config, name, runs, reporter.notice)
    from genmodels.training.language_model import make_plan
    from genmodels.training.language_model import train_text as train
    from genmodels.training.task import Plan

    plan = run.document().get("plan")
    progress = train(
        task, make_plan(task.settings, task.steps_per_epoch) if plan is None else Plan(**plan), run, reporter
    )
    _show_outcome(run, task, progress.seconds, json)


def _refuse_contradictions(run: RunDir, given: dict[str, Any], others: Mapping[str, object]) -> None:
    """A resumed run has its own corpus, settings and name.

    Raises:
        UsageError: something was given that only a new run can take, or a flag differs from the run's setting.
    """
    for what, value in others.items():
        if value:
            raise UsageError(
                f"--resume and {what} contradict each other: a run goes on with its own",
                "leave it out, or use --init-from to begin a new run from these weights.",
            )
    from genmodels.training.language_model import recorded_settings

    settings = recorded_settings(run.document())
    asked = resolve(TextSettings, given, None, {})
    for field in given:
        ours, theirs = getattr(asked.settings, field), getattr(settings, field)
        if ours != theirs:
            raise UsageError(
                f"{flag_of(field)} {ours} contradicts the run, which has {theirs}",
                "leave it out: a resumed run keeps its settings; --init-from begins a new one.",
            )


def _new_run(
    names: list[str],
    glob: str,
    given: dict[str, Any],
    init_from: str | None,
    config: Path | None,
    name: str | None,
    runs: Path,
    notice: Notice,
) -> tuple[RunDir, "LanguageModelTask"]:
    """Open the corpus, fit the settings to it, make the model and then, when all is well, the directory."""
    source = None if init_from is None else find_run(runs, init_from, "text")
    base = {} if source is None else _settings_to_keep(source, given)
    resolved = resolve(TextSettings, given, config, base)
    settings = cast("TextSettings", resolved.settings)
    if settings.sample_prompt == "":
        raise UsageError("--sample-prompt is empty", "leave it out to use the first words of the validation text.")
    from genmodels.data.corpus import describe_corpus, open_corpus
    from genmodels.data.streams import split_corpus
    from genmodels.training.language_model import fit_to_corpus, prepare

    reading = _reading(settings, source)
    corpus = open_corpus(names, reading, notice, glob)
    train, _ = split_corpus(corpus, settings.val_fraction, settings.val_limit)
    fitted = fit_to_corpus(settings, train, notice)
    fitted = replace(fitted, threads=fitted.threads or _threads())
    task = prepare(fitted, corpus)
    if source is not None:
        _take_weights(task, source)
    notice(_describe_start(task, corpus))
    document = {
        "settings": _with_origins(resolved, fitted),
        "data": describe_corpus(corpus, reading, glob),
        "prompt": task.prompt,
        "init_from": None if source is None else source.name,
        "argv": sys.argv[1:],
        "versions": _versions(),
        "plan": None,
    }
    return create_run(runs, "text", document | _plan_entry(fitted, task), name), task


def _plan_entry(settings: TextSettings, task: "LanguageModelTask") -> dict[str, Any]:
    from dataclasses import asdict

    from genmodels.training.language_model import make_plan

    return {} if settings.minutes is not None else {"plan": asdict(make_plan(settings, task.steps_per_epoch))}


def _settings_to_keep(source: RunDir, given: dict[str, Any]) -> dict[str, Any]:
    """The architecture of the run to start from.

    Raises:
        UsageError: a flag asks for another one.
    """
    recorded = source.document()["settings"]
    base = {name: recorded[name]["value"] for name in (*ARCHITECTURE, "bytes")}
    for name, value in base.items():
        if given.get(name, value) != value:
            raise UsageError(
                f"{flag_of(name)} {given[name]} contradicts --init-from {source.name}, which has {value}",
                "leave it out: the weights fit only their own architecture.",
            )
    return base


def _reading(settings: TextSettings, source: RunDir | None) -> "Reading":
    """How to read the corpus: with the vocabulary of the run to start from, if there is one."""
    from genmodels.data.corpus import Reading

    vocabulary = None
    if source is not None and not settings.bytes:
        from genmodels.checkpoint import read_checkpoint
        from genmodels.sampling.text import describe

        _, vocabulary = describe(read_checkpoint(source.epoch_checkpoint(None)))
    return Reading(
        encoding=settings.encoding,
        as_bytes=settings.bytes,
        max_vocabulary=settings.max_vocabulary,
        vocabulary=vocabulary,
        extend=vocabulary is not None,
    )


def _take_weights(task: "LanguageModelTask", source: RunDir) -> None:
    from genmodels.checkpoint import read_checkpoint
    from genmodels.training.language_model import extended_weights, load_weights

    old = read_checkpoint(source.epoch_checkpoint(None)).tensors["model"]
    load_weights(task.model, extended_weights(task.model, old))


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _versions() -> dict[str, str]:
    from importlib.metadata import version
    from platform import platform, python_version

    names = ("genmodels", "torch", "numpy", "safetensors")
    return {"python": python_version(), "platform": platform()} | {name: version(name) for name in names}


def _with_origins(resolved: Resolved, fitted: TextSettings) -> dict[str, Any]:
    """Each setting with its value and where it came from."""
    asked, final = resolved.settings.to_mapping(), fitted.to_mapping()
    return {
        name: {"value": value, "from": resolved.origins[name] if value == asked[name] else "adjusted"}
        for name, value in final.items()
    }


def _describe_start(task: "LanguageModelTask", corpus: "Corpus") -> str:
    from genmodels.device import choose_device

    choice = choose_device(task.settings.device)
    parameters = sum(p.numel() for p in task.model.parameters())
    sources = ", ".join(corpus.sources[:3]) + (" ..." if len(corpus.sources) > 3 else "")
    unit = "bytes" if corpus.vocabulary.is_bytes else f"characters, {len(corpus.vocabulary)} different"
    return (
        f"{task.settings.model} with {parameters:,} parameters on {choice.device} ({choice.reason}); "
        f"corpus {sources}: {corpus.length:,} {unit}"
    )


def _show_outcome(run: RunDir, task: "LanguageModelTask", seconds: float, json: bool) -> None:
    """Both protocols for the best epoch, where the run is, and what to type next."""
    from genmodels.analysis.text_likelihood import evaluate_text
    from genmodels.checkpoint import read_checkpoint
    from genmodels.training.language_model import load_weights
    from genmodels.training.task import to_tensors

    best = read_checkpoint(run.epoch_checkpoint(None))
    load_weights(task.model, to_tensors(best.tensors["model"]))
    results = {p: evaluate_text(task.model, task.validation, p).to_record() for p in ("carried", "windows")}
    if json:
        result = {"run": str(run.path), "best_epoch": best.state["epoch"], "seconds": round(seconds, 1)}
        write_result(to_json(result | {"validation": results}).decode().rstrip())
        return
    title = f"best epoch {best.state['epoch']}, {duration(seconds)} of training"
    rows = [[p, *(f"{results[p][k]:.4f}" for k in MEASURES)] for p in results]
    show_table(title, ["validation", *MEASURES], rows, sys.stderr)
    say(f"run: {run.path}")
    say(f"next: genmodels sample-text --temp 0.75 --run {run.path}")
    write_result(str(run.path))


MEASURES = ("nll", "bits_per_char", "perplexity", "accuracy")


# -- sample-text ------------------------------------------------------------------------------------


def sample_text(
    run: options.RunName = None,
    epochs: Annotated[str | None, typer.Option(help="Epochs, such as 1,20 or 1-5.", show_default="the best")] = None,
    temp: Annotated[str, typer.Option(help="One or several temperatures; 0 takes the likeliest.")] = "0.75",
    prompt: Annotated[
        str | None,
        typer.Option(help="Text to go on from; - reads stdin.", show_default="the run's seed phrase"),
    ] = None,
    prompt_file: Annotated[Path | None, typer.Option(help="Read the prompt from a file.")] = None,
    length: Annotated[
        int | None, typer.Option(help="Characters to write.", show_default="1000; 300 in a table")
    ] = None,
    count: Annotated[int, typer.Option(help="Texts at each temperature, written in one batch.")] = 1,
    seed: Annotated[int, typer.Option(help="Same seed, same text.")] = 1,
    top_k: Annotated[int | None, typer.Option(help="Draw from the k likeliest only.", show_default="off")] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Draw from the likeliest that sum to p.", show_default="off")
    ] = None,
    min_p: Annotated[
        float | None,
        typer.Option(help="Leave out those less than p times as likely as the best.", show_default="off"),
    ] = None,
    stop: Annotated[str | None, typer.Option(help="End a text before this string.", show_default="off")] = None,
    unknown: Annotated[str, typer.Option(help="Unknown characters in the prompt: error or skip.")] = "error",
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    out: options.Out = None,
    debug: options.Debug = False,
) -> None:
    """Write text with a trained model.

    One text streams as it is written; several epochs or temperatures come side by side from the same prompt.

    Examples:

      genmodels sample-text --temp 1.5

      genmodels sample-text --epochs 1,20 --temp 0.25,0.75,1.5 --prompt "ROMEO:"

      genmodels sample-text --count 5 --length 200 --stop "." --json
    """
    del debug
    from genmodels.sampling.text import SampleSettings

    temperatures = parse_numbers("--temp", temp)
    asked = parse_epochs(epochs) if epochs is not None else [None]
    _check_unknown(unknown)
    alone = len(asked) * len(temperatures) * count == 1
    how = SampleSettings(
        temperature=temperatures,
        length=(1000 if alone else 300) if length is None else length,
        count=count,
        seed=seed,
        top_k=top_k,
        top_p=top_p,
        min_p=min_p,
        stop=stop,
    )
    found = find_run(runs, run, "text")
    given = _read_prompt(prompt, prompt_file)
    writers = [_open_writer(found.epoch_checkpoint(epoch), device) for epoch in asked]
    phrase = given if given is not None else str(writers[0][1]["prompt"])
    if alone and not json and out is None:
        _stream(writers[0][0], phrase, how, unknown)
        return
    cells = [
        (int(state["epoch"]), sample) for writer, state in writers for sample in writer.write(phrase, how, unknown)
    ]
    _deliver(found, phrase, how, cells, json, out)


def _check_unknown(unknown: str) -> None:
    if unknown not in {"error", "skip"}:
        raise UsageError(f"--unknown {unknown!r} is not known", "use --unknown error or --unknown skip.")


def _read_prompt(prompt: str | None, file: Path | None) -> str | None:
    """The prompt given, with its line ends made the corpus's; None when there is none.

    Raises:
        UsageError: two prompts, or an empty one.
        DataError: the file cannot be read as UTF-8.
    """
    if prompt is not None and file is not None:
        raise UsageError("--prompt and --prompt-file contradict each other", "give one of them.")
    if prompt is None and file is None:
        return None
    try:
        if file is not None:
            prompt = file.read_bytes().decode("utf-8-sig")
        elif prompt == "-":
            prompt = sys.stdin.buffer.read().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"--prompt-file {file} cannot be read: {error.strerror}", "check the path.") from error
    except UnicodeDecodeError as error:
        raise DataError(f"the prompt is not UTF-8 at byte {error.start}", "save it as UTF-8.") from error
    assert prompt is not None
    if prompt == "":
        raise DataError("the prompt is empty", "leave --prompt out to begin with the run's own seed phrase.")
    return prompt.replace("\r\n", "\n")


def _open_writer(checkpoint: Path, device: str) -> tuple["TextWriter", dict[str, Any]]:
    """The lean NumPy step on a CPU; the network itself on another device."""
    if device in {"auto", "cpu"}:
        from genmodels.sampling.text import open_writer

        return open_writer(checkpoint)
    from genmodels.device import choose_device
    from genmodels.sampling.text import TextWriter
    from genmodels.sampling.torch_step import TorchStep
    from genmodels.training.language_model import load_model

    loaded = load_model(checkpoint, choose_device(device).device)
    return TextWriter(TorchStep(loaded.model), loaded.vocabulary), loaded.state


def _stream(writer: "TextWriter", prompt: str, how: "SampleSettings", unknown: str) -> None:
    """Prompt and text to stdout as they are written: filtered on a terminal, raw bytes into a pipe."""
    import codecs

    pieces = writer.stream(prompt, how, unknown)
    first = next(pieces, b"")  # before anything is printed: an error leaves stdout empty
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(prompt.encode("utf-8", "surrogateescape") + first)
        for number, piece in enumerate(pieces):
            sys.stdout.buffer.write(piece)
            if number % 256 == 0:
                sys.stdout.buffer.flush()
        sys.stdout.buffer.flush()
        return
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    write_result(prompt + decoder.decode(first), end="")
    for piece in pieces:
        write_result(decoder.decode(piece), end="")
    write_result(decoder.decode(b"", final=True))


Cell = tuple[int, "Sample"]


def _deliver(run: RunDir, prompt: str, how: "SampleSettings", cells: list[Cell], json: bool, out: Path | None) -> None:
    """Several texts: JSON, a table on a terminal, labelled blocks in a pipe or a file; one alone is just text."""
    if json:
        content = to_json(_as_json(run, prompt, how, cells)).decode()
    elif len(cells) == 1:
        content = prompt + cells[0][1].text
    elif out is None and is_terminal(sys.stdout):
        _show_sheet(run, prompt, cells)
        return
    else:
        content = "\n".join(_block(prompt, cell) for cell in cells)
    if out is None:
        write_result(content, end="")
        return
    with disk_errors(out):
        replace_file(out, content.encode("utf-8", "surrogatepass"))
    say(f"wrote {out}")


def _block(prompt: str, cell: Cell) -> str:
    epoch, sample = cell
    return f"=== epoch {epoch}, temperature {sample.temperature:g}\n{prompt}{sample.text}\n"


def _as_json(run: RunDir, prompt: str, how: "SampleSettings", cells: list[Cell]) -> dict[str, Any]:
    samples = [
        {
            "epoch": epoch,
            "temperature": sample.temperature,
            "text": sample.text,
            "log_probabilities": [round(p, 6) for p in sample.log_probabilities],
        }
        for epoch, sample in cells
    ]
    return {"run": str(run.path), "prompt": prompt, "settings": how.to_mapping(), "samples": samples}


def _show_sheet(run: RunDir, prompt: str, cells: list[Cell]) -> None:
    """Epochs down, temperatures across; each cell begins with the prompt."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    temperatures = list(dict.fromkeys(sample.temperature for _, sample in cells))
    table = Table(title=Text(printable(f"{run.name}, from {prompt!r}")), box=box.ROUNDED, show_lines=True)
    table.add_column("epoch")
    for temperature in temperatures:
        table.add_column(f"temperature {temperature:g}", ratio=1, overflow="fold")
    for epoch in dict.fromkeys(epoch for epoch, _ in cells):
        texts = [
            [prompt + s.text for e, s in cells if e == epoch and s.temperature == temperature]
            for temperature in temperatures
        ]
        for number, row in enumerate(zip(*texts, strict=True)):
            table.add_row(str(epoch) if number == 0 else "", *(Text(printable(text)) for text in row))
    rich_console(sys.stdout).print(table)


# -- eval-text --------------------------------------------------------------------------------------


def eval_text(
    file: Annotated[
        str | None,
        typer.Argument(help="A text file, or - for stdin.", show_default="the run's validation text"),
    ] = None,
    run: options.RunName = None,
    epochs: Annotated[str | None, typer.Option(help="Epochs, such as 1,20 or 1-5.", show_default="the best")] = None,
    protocol: Annotated[
        str | None,
        typer.Option(help="carried (state through the text) or windows (256 from empty).", show_default="both"),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of the file.")] = "utf-8",
    unknown: Annotated[str, typer.Option(help="Unknown characters in the file: error or skip.")] = "error",
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Measure how well a run predicts a text: nats and bits per character, perplexity, accuracy.

    "carried" reads the whole text with one state; "windows" scores 256 characters from an empty state, as
    nanoGPT does. Never compare figures of different protocols.

    Examples:

      genmodels eval-text

      genmodels eval-text other.txt --epochs 1,20 --protocol windows --json
    """
    del debug
    _check_unknown(unknown)
    found = find_run(runs, run, "text")
    asked = parse_epochs(epochs) if epochs is not None else [None]
    protocols = _protocols(protocol)
    checkpoints = [found.epoch_checkpoint(epoch) for epoch in asked]
    from genmodels.analysis.text_likelihood import evaluate_text
    from genmodels.device import choose_device, memory_errors
    from genmodels.training.language_model import load_model

    where = choose_device(device).device
    results = []
    for checkpoint in checkpoints:
        loaded = load_model(checkpoint, where)
        split = _text_to_score(found, file, loaded.vocabulary, encoding, unknown)
        for name in protocols:
            with memory_errors(where, "64 streams"):
                measures = evaluate_text(loaded.model, split, name)
            facts = {"epoch": loaded.state["epoch"], "protocol": name, "characters": measures.characters}
            results.append(facts | measures.to_record())
    if json:
        write_result(to_json({"run": str(found.path), "text": file, "results": results}).decode().rstrip())
        return
    headings = ["epoch", "protocol", "characters", *MEASURES]
    rows = [[str(r[h]) if h not in MEASURES else f"{r[h]:.4f}" for h in headings] for r in results]
    show_table(f"{found.name} on {file or 'its validation text'}", headings, rows, sys.stdout)


def _protocols(name: str | None) -> list[str]:
    known = ["carried", "windows"]
    if name is not None and name not in known:
        raise UsageError(f"--protocol {name!r} is not known", "use --protocol carried or --protocol windows.")
    return known if name is None else [name]


def _text_to_score(run: RunDir, file: str | None, vocabulary: Any, encoding: str, unknown: str) -> Any:
    """The file in the run's vocabulary, or the run's own validation text."""
    from genmodels.data.corpus import Reading, open_corpus, reopen_corpus
    from genmodels.data.streams import Split, split_corpus

    if file is None:
        document = run.document()
        corpus = reopen_corpus(document["data"], lambda _: None)
        values = {name: document["settings"][name]["value"] for name in ("val_fraction", "val_limit")}
        return split_corpus(corpus, **values)[1]
    reading = Reading(
        encoding=encoding,
        as_bytes=vocabulary.is_bytes,
        vocabulary=vocabulary,
        unknown=unknown,
        max_vocabulary=2**21,
    )
    corpus = open_corpus([file], reading, lambda sentence: say(f"note: {sentence}"))
    return Split(corpus, 0, corpus.length)
