"""Code pages told by the words of their languages."""

import io

import pytest

from services.crm_sync.encodings import encoding_of

NAMES = {
    "cp1252": ["François Nuñez", "Renée Müller", "Sigurður Þórsson", "Søren Ærø", "João Conceição"],
    "cp1250": ["Łukasz Wałęsa", "Jiří Dvořák", "Erdős Ödön", "Željko Đurić", "Ľubomír Štúr"],
    "cp1257": ["Žygimantas Šimkus", "Rūta Žukauskienė", "Jānis Bērziņš"],
    "cp1254": ["Ayşe Yıldız", "Çağlar Öztürk", "İbrahim Şahin"],  # noqa: RUF001  Turkish
    "cp1251": ["Иван Петров", "Олександр Шевченко", "Анна Георгиева"],
    "cp1253": ["Γιώργος Παπαδόπουλος", "Μαρία Αντωνίου", "Άννα Ιωάννου"],
    "cp1255": ["דוד כהן", "שרה לוי", "יעקב פרץ"],
    "cp1256": ["محمد أحمد", "فاطمة علي", "خالد العمري"],
}


def found(text, encoding):
    content = f"id,name,email\n1,{text}\n2,Ann,a@x.example\n".encode(encoding)
    return encoding_of(lambda: io.BufferedReader(io.BytesIO(content)))


@pytest.mark.parametrize("encoding", NAMES)
def test_a_code_page_is_the_one_whose_languages_have_the_words(encoding):
    assert found("\n1,".join(NAMES[encoding]), encoding) == encoding


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_without_a_mark(encoding):
    assert found("Jürgen", encoding) == encoding


@pytest.mark.parametrize("encoding", NAMES)
def test_what_is_utf_8_stays_so(encoding):
    assert found("\n1,".join(NAMES[encoding]), "utf-8") == "utf-8"


def test_quotes_and_dashes_of_typographers_are_no_letters():
    assert found("Noël d\u2019Août \u2013 “Café”", "cp1252") == "cp1252"


def test_two_stray_bytes_are_no_word_of_a_script():
    assert found("Анна", "cp1251") != "cp1251"
