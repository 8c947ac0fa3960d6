import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.ansi import PLAIN, Style, restyled
from trainwatch.domain.terminal import LINES_IN_REACH, Screen, lines_of
from trainwatch.domain.terminal_line import CUT_MARK, LONGEST_LINE, Line, Span

RED, GREEN = Style(foreground=1), Style(foreground=2)

PIECES = st.sampled_from(
    [
        *(
            "a",
            "bc",
            "ü",
            "█",
            "\n",
            "\r",
            "\r\n",
            "\b",
            "\t",
            "\x07",
            "\x00",
            "x" * 50,
            "\x1b",
            "\x9b",
            "\u2028",
        ),
        *(
            "\x1b[31m",
            "\x1b[0m",
            "\x1b[1;38;5;208m",
            "\x1b[A",
            "\x1b[2B",
            "\x1b[K",
            "\x1b[1K",
            "\x1b[J",
            "\x1b[2J",
        ),
        *(
            "\x1b[H",
            "\x1b[5C",
            "\x1b[3D",
            "\x1b[9G",
            "\x1b[?25l",
            "\x1b]0;title\x07",
            "\x1b]8;;http://a\x1b\\",
            "\x1b(B",
        ),
        *("\x1bP1;2q", "\x1b[", "\x1b]", "\x1b[38;2;1;2", "\x1b[999999A", "\x1b[;;;m"),
    ]
)
OUTPUT = st.lists(PIECES, max_size=60).map(lambda pieces: "".join(pieces).encode()) | st.binary(max_size=300)


def texts(data):
    return [line.text for line in lines_of(data)]


def after(screen, *chunks):
    """Return the text of every line after `chunks`, by number."""
    return {line.number: line.text for chunk in chunks for line in screen.feed(chunk)}


def test_lines_are_numbered_from_zero_and_an_empty_one_counts():
    assert lines_of(b"a\n\nb\n") == [Line(0, "a"), Line(1, ""), Line(2, "b")]


def test_an_unfinished_line_is_told_and_told_again_when_it_grows():
    screen = Screen()
    assert screen.feed(b"a\nhel") == [Line(0, "a"), Line(1, "hel")]
    assert screen.feed(b"lo") == [Line(1, "hello")]
    assert screen.feed(b"\n") == []
    assert screen.feed(b"next") == [Line(2, "next")]


def test_the_first_number_can_be_given():
    assert Screen(first_number=500).feed(b"a\nb") == [Line(500, "a"), Line(501, "b")]


def test_a_character_cut_between_two_reads_is_whole():
    first, second = "█".encode()[:2], "█".encode()[2:]
    assert after(Screen(), b"a" + first, second + b"b\n") == {0: "a█b"}


def test_what_is_no_utf_8_is_replaced():
    assert texts(b"a\xff\xfeb\n") == ["a\ufffd\ufffdb"]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b" 10%\r 20%\r 30%\n", [" 30%"]),
        (b"dos\r\nlines\r\n", ["dos", "lines"]),
        (b"bar\r\r\nx", ["bar", "x"]),
        (b"loading...\rdone\n", ["doneing..."]),
        (b"loading...\rdone\x1b[K\n", ["done"]),
        (b"loading...\r          \rdone\n", ["done"]),
        (b"100%\rabc", ["abc%"]),
        (b"spin |\b/\b-\n", ["spin -"]),
        (b"\b\b\ba\n", ["a"]),
        (b"12345\x1b[3D\x1b[Kx\n", ["12x"]),
        (b"12345\x1b[2G-\n", ["1-345"]),
        (b"12345\x1b[1Kx\n", ["     x"]),
        (b"a\x1b[3Cb\n", ["a   b"]),
        (b"a\tb\x07\x00\n", ["a\tb"]),
    ],
)
def test_a_line_keeps_its_last_state_as_on_a_terminal(data, shown):
    assert texts(data) == shown


def test_a_carriage_return_and_its_newline_may_come_apart():
    assert after(Screen(), b"abc\r", b"\ndef\r", b"\n") == {0: "abc", 1: "def"}


def test_bars_below_each_other_end_as_one_line_each():
    both = b"".join(b"\router %d\n\rinner %d\x1b[A" % (step, step * 10) for step in range(5))
    assert texts(both + b"\n\n") == ["outer 4", "inner 40"]


def test_lines_told_before_are_told_again_under_their_number():
    screen = Screen()
    screen.feed(b"one\ntwo\nthree")
    assert screen.feed(b"\x1b[2A\rONE") == [Line(0, "ONE")]
    assert screen.feed(b"\x1b[2B\rTHREE\nfour") == [Line(2, "THREE"), Line(3, "four")]


def test_the_cursor_cannot_go_further_up_than_a_tall_terminal():
    lines = b"".join(b"%d\n" % number for number in range(5000))
    assert after(Screen(), lines, b"\x1b[9999Ax\n") == {
        **{number: str(number) for number in range(5000)},
        5000 - LINES_IN_REACH: "x900",
    }


def test_a_screen_that_is_drawn_anew_comes_below_the_last():
    assert texts(b"frame 1\n\x1b[2J\x1b[Hframe 2\n\x1b[H\x1b[2Jframe 3") == ["frame 1", "frame 2", "frame 3"]


def test_erasing_below_empties_the_lines():
    assert texts(b"one\ntwo\nthree\x1b[2A\r\x1b[Jnew") == ["new", "", ""]


@pytest.mark.parametrize(
    "sequence",
    [
        *(
            b"\x1b]0;a title\x07",
            b"\x1b]8;;https://example.org\x1b\\",
            b"\x1b[?1049h",
            b"\x1b[?25l",
            b"\x1b(B",
        ),
        *(
            b"\x1b=",
            b"\x1b7",
            b"\x1b[6n",
            b"\x1b[>4;1m",
            b"\x1bPq#0;2;0;0;0\x1b\\",
            b"\x1b_Gf=24\x1b\\",
            b"\x1b[12;3r",
        ),
        *(b"\xc2\x9b", b"\x7f", b"\x0e"),
    ],
)
def test_other_sequences_leave_no_trace_however_they_are_cut(sequence):
    assert lines_of(b"a" + sequence + b"b\n") == [Line(0, "ab")]
    screen = Screen()
    assert after(screen, *(bytes([byte]) for byte in b"a" + sequence + b"b\n")) == {0: "ab"}


def test_a_title_that_never_ends_hides_no_more_than_its_line():
    assert texts(b"a\x1b]0;title\nb\n") == ["a", "b"]


def test_colours_become_spans():
    assert lines_of(b"\x1b[31mred\x1b[0m and \x1b[32mgreen\x1b[m\nplain\n") == [
        Line(0, "red and green", (Span("red", RED), Span(" and ", PLAIN), Span("green", GREEN))),
        Line(1, "plain"),
    ]


def test_a_colour_lasts_over_lines_and_reads():
    screen = Screen()
    screen.feed(b"\x1b[31mone\n")
    assert screen.feed(b"two\x1b[0m") == [Line(1, "two", (Span("two", RED),))]


def test_what_overwrites_brings_its_own_colour():
    assert lines_of(b"\x1b[31mabcdef\x1b[0m\rAB\n")[0].spans == (Span("AB", PLAIN), Span("cdef", RED))


@pytest.mark.parametrize(
    ("parameters", "style"),
    [
        ("31", Style(foreground=1)),
        ("91", Style(foreground=9)),
        ("44", Style(background=4)),
        ("104", Style(background=12)),
        ("38;5;208", Style(foreground=208)),
        ("48:5:208", Style(background=208)),
        ("38;2;255;135;0", Style(foreground="#ff8700")),
        ("38:2::255:135:0", Style(foreground="#ff8700")),
        ("48;2;1;2;3;1", Style(background="#010203", bold=True)),
        ("1;2;3;4;7", Style(bold=True, dim=True, italic=True, underline=True, inverse=True)),
        ("4:3", Style(underline=True)),
        ("1;22", PLAIN),
        ("4;4:0", PLAIN),
        ("31;39", PLAIN),
        ("31;;1", Style(bold=True)),
        ("", PLAIN),
        ("38", PLAIN),
        ("38;5", PLAIN),
        ("38;5;999", PLAIN),
        ("38;2;1", PLAIN),
        ("99999999999999999999", PLAIN),
        ("38;9;31", Style(foreground=1)),
    ],
)
def test_colours_and_attributes_are_read_in_every_notation(parameters, style):
    assert restyled(PLAIN, parameters) == style


def test_a_line_is_cut_at_its_longest_and_says_so():
    lines = lines_of(b"x" * (LONGEST_LINE + 10) + b"\nshort\n")
    assert lines == [Line(0, "x" * LONGEST_LINE + CUT_MARK), Line(1, "short")]
    screen = Screen()
    grown = after(screen, *[b"x" * 1000] * 100)
    assert grown == {0: "x" * LONGEST_LINE + CUT_MARK}


def test_few_bytes_make_no_long_line():
    assert len(texts(b"\x1b[99999C.")[0]) < 1000


@given(OUTPUT, st.lists(st.integers(0, 300), max_size=5))
def test_how_the_bytes_are_cut_changes_nothing(data, cuts):
    ends = sorted({min(cut, len(data)) for cut in cuts} | {len(data)})
    chunks = [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    screen, shown = Screen(), {}
    for chunk in chunks:
        shown.update((line.number, line) for line in screen.feed(chunk))
    assert shown == {line.number: line for line in lines_of(data)} | {
        number: line for number, line in shown.items() if line == Line(number, "")
    }


@given(OUTPUT)
def test_lines_hold_no_control_character_and_spans_say_what_the_text_says(data):
    lines = lines_of(data)
    assert [line.number for line in lines] == sorted({line.number for line in lines})
    for line in lines:
        assert not any(ord(char) < 32 and char != "\t" for char in line.text)
        assert not line.spans or "".join(span.text for span in line.spans) == line.text
