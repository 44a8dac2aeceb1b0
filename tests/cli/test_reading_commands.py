import json

import pytest

from cli.mistakes import check


def test_one_text_is_the_prompt_and_exactly_the_length_asked_for(cli, trained) -> None:
    outcome = cli("sample-text", "--prompt", "the cat", "--length", 50)
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("the cat")
    assert len(outcome.out) == 7 + 50
    assert outcome.err == "note: run tiny, epoch 2 of 2 (best)\n", "nobody named it"
    assert cli("sample-text", "--run", "tiny", "--length", 5).err == ""


def test_same_seed_same_text_and_a_hotter_one_differs(cli, trained) -> None:
    texts = [cli("sample-text", "--seed", 3, "--temp", t, "--length", 80).out for t in (0.75, 0.75, 1.5)]
    assert texts[0] == texts[1] != texts[2]


def test_epochs_times_temperatures_come_labelled_from_the_same_prompt(cli, trained) -> None:
    outcome = cli("sample-text", "--epochs", "1,2", "--temp", "0.25,0.75,1.5", "--length", 20)
    assert outcome.code == 0, outcome.err
    heads = [line for line in outcome.out.splitlines() if line.startswith("===")]
    assert heads == [f"=== epoch {e}, temperature {t}" for e in (1, 2) for t in ("0.25", "0.75", "1.5")]


def test_json_carries_text_log_probabilities_and_settings(cli, trained) -> None:
    outcome = cli("sample-text", "--count", 3, "--length", 12, "--json", "--top-k", 4)
    result = json.loads(outcome.out)
    assert len(result["samples"]) == 3
    assert all(len(s["text"]) == len(s["log_probabilities"]) == 12 for s in result["samples"])
    assert all(p <= 0 for s in result["samples"] for p in s["log_probabilities"])
    assert result["settings"]["top_k"] == 4


def test_the_prompt_may_come_from_a_file_or_standard_input(cli, trained, tmp_path, monkeypatch) -> None:
    import io
    import sys

    path = tmp_path / "prompt.txt"
    path.write_bytes(b"the cat\r\n")
    assert cli("sample-text", "--prompt-file", path, "--length", 5).out.startswith("the cat\n")

    class Piped:
        buffer = io.BytesIO(b"a dog")

    monkeypatch.setattr(sys, "stdin", Piped())
    assert cli("sample-text", "--prompt", "-", "--length", 5).out.startswith("a dog")


def test_a_text_can_be_written_to_a_file(cli, trained, tmp_path) -> None:
    outcome = cli("sample-text", "--length", 30, "--out", tmp_path / "text.txt")
    assert outcome.code == 0
    assert outcome.out == ""
    assert (tmp_path / "text.txt").read_text() == cli("sample-text", "--length", 30).out


SHEET = ("sample-text", "--epochs", "1,2", "--temp", "0.25,1.5", "--length", 20)


def test_the_ending_of_a_file_says_what_is_written_of_texts(cli, trained, tmp_path) -> None:
    for name, begin in (("a.png", b"\x89PNG"), ("a.pdf", b"%PDF"), ("a.svg", b"<?xml"), ("a.csv", b"epoch,temperature"),
                        ("a.json", b"{"), ("a.txt", b"=== epoch 1"), ("a", b"=== epoch 1")):  # fmt: skip
        outcome = cli(*SHEET, "--out", tmp_path / name)
        assert (outcome.code, outcome.out) == (0, ""), outcome.err
        assert (tmp_path / name).read_bytes().startswith(begin), name
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    for told in ("T = 0.25", "T = 1.5", "epoch 1", "epoch 2", "logits are divided by it"):
        assert told in drawn
    samples = json.loads((tmp_path / "a.json").read_text())["samples"]
    assert len(samples) == 4
    first = samples[0]["text"].partition("\n")[0].strip()[:8]
    assert first in drawn.replace("&#39;", "'").replace("&apos;", "'") or first == ""


def test_one_text_is_drawn_too_and_json_goes_to_stdout_beside_a_figure(cli, trained, tmp_path) -> None:
    outcome = cli("sample-text", "--length", 20, "--out", tmp_path / "one.png", "--title", "my title", "--json")
    assert outcome.code == 0, outcome.err
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
    facts = json.loads(outcome.out)
    assert facts["file"] == str(tmp_path / "one.png")
    assert len(facts["samples"][0]["text"]) == 20


def test_a_figure_of_texts_has_the_title_that_was_given(cli, trained, tmp_path) -> None:
    assert cli(*SHEET, "--out", tmp_path / "a.svg", "--title", "What it writes").code == 0
    assert "What it writes" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_the_network_writes_what_the_lean_step_writes(cli, trained, monkeypatch) -> None:
    import torch

    from genmodels import device

    lean = cli("sample-text", "--length", 60, "--temp", 0).out
    monkeypatch.setitem(device._CHOOSERS, "mps", lambda _: device.Choice(torch.device("cpu"), "a stand-in"))
    assert cli("sample-text", "--length", 60, "--temp", 0, "--device", "mps").out == lean


def test_any_file_is_measured_by_both_protocols(cli, trained, tmp_path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("the cat sat on the mat\n" * 30, encoding="utf-8")
    outcome = cli("eval-text", path, "--epochs", "1-2", "--json")
    results = json.loads(outcome.out)["results"]
    assert [(r["epoch"], r["protocol"]) for r in results] == [(e, p) for e in (1, 2) for p in ("carried", "windows")]
    assert results[0]["characters"] == 689
    assert results[1]["characters"] == 512
    assert all(0 < r["nll"] < 5 for r in results)


def test_the_validation_figure_of_the_run_is_measured_again_exactly(cli, trained) -> None:
    outcome = cli("eval-text", "--epochs", "2", "--protocol", "carried", "--json")
    records = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    recorded = [r for r in records if r["split"] == "validation"][-1]
    assert json.loads(outcome.out)["results"][0]["nll"] == recorded["nll"]


def test_standard_input_is_measured_for_several_epochs(cli, trained, monkeypatch) -> None:
    import io
    import sys

    class Piped:
        buffer = io.BytesIO(b"the cat sat on the mat")

    monkeypatch.setattr(sys, "stdin", Piped())
    outcome = cli("eval-text", "-", "--epochs", "1,2", "--json")
    assert [r["characters"] for r in json.loads(outcome.out)["results"]] == [21] * 4


def test_unknown_characters_in_a_file_are_an_error_or_skipped(cli, trained, tmp_path) -> None:
    path = tmp_path / "odd.txt"
    path.write_text("the cat ßß sat", encoding="utf-8")
    check(cli("eval-text", path), 3, "'ß'")
    outcome = cli("eval-text", path, "--unknown", "skip")
    assert outcome.code == 0
    assert "left out" in outcome.err


def test_runs_are_listed_shown_and_verified(cli, trained) -> None:
    listed = json.loads(cli("runs", "list", "--json").out)["runs"]
    assert [(r["run"], r["state"], r["epochs"]) for r in listed] == [("tiny", "finished", 2)]
    assert "\ttext lstm\tcorpus.txt\tfinished\tnll " in cli("runs", "list").out
    shown = json.loads(cli("runs", "show", "tiny", "--json").out)
    assert shown["kept_epochs"] == [1, 2]
    assert len(shown["evaluations"]) == 3
    assert "--hidden-size\t12\tflag" in cli("runs", "show").out
    assert "epoch-0001\twhole" in cli("runs", "verify").out


def test_a_damaged_checkpoint_is_named_and_the_others_stay_usable(cli, trained) -> None:
    (trained / "checkpoints" / "epoch-0001" / "model.safetensors").write_bytes(b"torn")
    outcome = cli("runs", "verify", "tiny")
    assert outcome.code == 4
    assert "epoch-0001" in outcome.err
    assert "epoch-0002\twhole" in outcome.out
    result = json.loads(cli("runs", "verify", "tiny", "--json").out)
    assert list(result["problems"]) == ["epoch-0001"]
    check(cli("sample-text", "--epochs", "1", "--length", 10), 4, "epoch-0001")
    assert len(cli("sample-text", "--epochs", "2", "--length", 10).out) > 10


def test_no_runs_at_all_is_not_an_error(cli) -> None:
    outcome = cli("runs", "list")
    assert outcome.code == 0
    assert "there is no run in runs" in outcome.err
    assert json.loads(cli("runs", "list", "--json").out) == {"runs": []}


def test_the_runs_folder_can_come_from_the_environment(cli, trained, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GENMODELS_RUNS", str(trained.parent))
    monkeypatch.chdir(tmp_path.parent)
    assert "tiny" in cli("runs", "list").out


@pytest.mark.parametrize(
    "command",
    [["train-text"], ["sample-text"], ["eval-text"], ["runs", "list"], ["runs", "show"], ["runs", "verify"]],
)
def test_every_command_has_help_with_two_examples_and_every_option_a_line(cli, command) -> None:
    for flag in ("--help", "--help-all"):
        outcome = cli(*command, flag)
        assert outcome.code == 0
        assert outcome.out.count(" genmodels " + " ".join(command)) >= 3, "usage and two examples"
        assert outcome.err == ""
    if command == ["train-text"]:
        assert "(default: 0.25,0.75,1.5)" in outcome.out.replace("\n" + " " * 32, " ")


def test_the_first_page_names_the_exit_codes(cli) -> None:
    assert "6\n  diverged" in cli("--help").out or "6 diverged" in cli("--help").out.replace("\n  ", " ")
    assert cli("--version").out.startswith("genmodels ")
