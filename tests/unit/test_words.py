import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import genmodels
from genmodels.analysis.gates import capitals, position_in_word
from genmodels.analysis.text_quality import judge
from genmodels.analysis.words import script_without_spaces, spans, whole_words, why_none, words


def test_joiners_are_written_down_once() -> None:
    source = Path(genmodels.__file__).parent
    assert [p.name for p in source.rglob("*.py") if 'u200d"' in p.read_text(encoding="utf-8")] == ["printable.py"]


# A sentence of each language, and how many words a person counts in it.
COUNTED = {
    "English": ("Don't touch the cat's tail, it bites!", 7),
    "French": ("L’été, où êtes-vous allés\u202f?", 5),
    "Hindi": ("नमस्ते दुनिया, हिन्दी में लिखी हुई किताब।", 7),
    "Marathi with a joiner": ("सुट्‍ट्या आणि वर्‍हाड", 3),
    "Tamil": ("தமிழ் மொழி மிகவும் பழமையானது.", 4),
    "Bengali": ("আমি বাংলায় গান গাই।", 4),
    "Arabic with harakat": ("الْحَمْدُ لِلَّهِ رَبِّ الْعَالَمِينَ", 4),
    "Persian with a non-joiner": ("می\u200cخواهم کتاب\u200cها را بخوانم", 4),
    "Hebrew with niqqud": ("בְּרֵאשִׁית בָּרָא אֱלֹהִים", 3),
    "Vietnamese": ("Tiếng Việt có sáu thanh điệu", 6),
    "Russian": ("Ещё один день прошёл.", 4),
    "Korean": ("안녕하세요 세계 여러분", 3),
    "Greek": ("Καλημέρα, κόσμε!", 2),
    "Thai": ("สวัสดีชาวโลกทุกคน", 0),
    "Chinese beside English": ("用iPhone手机 and Mac", 3),
}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("language", COUNTED)
def test_words_are_those_that_a_person_counts(language: str, form: str) -> None:
    text, count = COUNTED[language]
    assert len(list(words(unicodedata.normalize(form, text)))) == count, list(words(text))


@pytest.mark.parametrize("language", [name for name in COUNTED if name not in {"Thai", "Chinese beside English"}])
def test_nothing_of_a_letter_is_left_outside_its_word(language: str) -> None:
    text = COUNTED[language][0]
    inside = {i for begin, end in spans(text) for i in range(begin, end)}
    outside = [c for i, c in enumerate(text) if i not in inside]
    assert not [c for c in outside if unicodedata.category(c)[0] in "LM" or c in "\u200c\u200d"]


@given(st.text(st.sampled_from("aéE'\u2019 \u0301\u200d1_.नि्"), max_size=40))
def test_a_word_begins_with_a_letter_and_keeps_its_marks(text: str) -> None:
    for begin, end in spans(text):
        assert text[begin].isalpha()
        assert text[end - 1].isalpha() or unicodedata.category(text[end - 1])[0] == "M"
        assert end == len(text) or unicodedata.category(text[end])[0] not in "LM"


@given(st.text(max_size=60))
def test_composed_and_decomposed_texts_have_the_same_words(text: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert list(words(composed)) == list(words(decomposed))


def test_a_word_cut_at_either_end_is_not_counted() -> None:
    assert whole_words("t the café is sh") == ["the", "café", "is"]
    assert whole_words("\u0940न मस्ते में दु") == ["मस्ते", "में"], "a mark at the start belongs to a letter that was cut"
    assert whole_words("(one two)") == ["one", "two"]
    assert whole_words("one") == []
    assert whole_words("a b क्\u200d") == ["b"], "a joiner at the end says that a letter was cut"
    assert whole_words("") == []


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("一个黑暗的夜晚", "Chinese"), ("今日は良い天気です", "Japanese"), ("カタカナ", "Japanese"),
        ("東京都庁前駅の出口", "Japanese"), ("สวัสดีครับ", "Thai"), ("ສະບາຍດີ", "Lao"), ("សួស្តី ពិភពលោក", "Khmer"),
        ("မင်္ဂလာပါ", "Burmese"), ("བོད་སྐད", "Tibetan"), ("안녕하세요 세계", None), ("नमस्ते", None), ("hello 你好", None),
        ("你好你好 hello", None), ("你好你好你好 hello", "Chinese"), ("", None), ("123 !?", None),
    ],
)  # fmt: skip
def test_a_text_mostly_in_a_script_without_spaces_is_known(text: str, script: str | None) -> None:
    assert script_without_spaces(text) == script


@pytest.mark.parametrize("text", ["今日は良い天気です。", "一个黑暗的夜晚,没有人来。", "สวัสดีชาวโลก ทุกคน "])
def test_measures_of_words_are_none_where_words_cannot_be_told(text: str) -> None:
    (quality,) = judge(text * 20, [text * 3])
    assert (quality.real_words, quality.distinct, quality.repetition) == (None, (None, None, None), None)
    assert quality.novel[4] is not None
    assert quality.without_words is not None
    assert quality.without_words in why_none(quality.without_words)


def test_the_training_text_decides_too() -> None:
    (quality,) = judge("今日は良い天気です。" * 20, [" one two three four five six seven "])
    assert (quality.real_words, quality.without_words) == (None, "Japanese")


def test_an_invented_hindi_word_is_no_real_one() -> None:
    training = "यह एक किताब है। नदी के पास हिन्दी में। " * 3
    (quality,) = judge(training, [" किताब नदी कीताब नादी हिन्दी में "])
    assert quality.real_words == pytest.approx(4 / 6), "other vowel signs make other words"


def test_decomposed_accents_count_as_composed_ones() -> None:
    training = "le café était fermé hier soir " * 3
    written = " café fermé soir été hier "
    one, two = judge(training, [written, unicodedata.normalize("NFD", written)])
    assert one.real_words == two.real_words == pytest.approx(4 / 5)
    assert one.distinct == two.distinct


def test_a_mark_stands_where_its_letter_does_in_what_units_track() -> None:
    assert list(position_in_word("ne\u0301 a")) == [1, 2, 2, 0, 1]
    assert list(position_in_word("नमस्ते")) == [1, 2, 3, 3, 4, 4]
    assert list(position_in_word("don't 12")) == [1, 2, 3, 3, 4, 0, 0, 0]
    assert set(position_in_word("สวัสดี")) == {0}
    assert list(capitals("E\u0301e\u0301A ")) == [1, 1, 0, 0, 1, 0]


def test_letters_beside_a_script_without_spaces_stay_letters() -> None:
    assert list(words(f"我们 {string.ascii_letters} 我们")) == [string.ascii_letters.lower()]
