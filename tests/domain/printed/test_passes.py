from trainwatch.domain.printed.passes import LONGEST_PASS, Passes


def test_every_state_of_a_line_is_a_pass():
    assert Passes().feed(b"\r 10%\r 20%\r 30%\ndone\n") == [" 10%", " 20%", " 30%", "done"]


def test_an_unfinished_line_is_told_in_a_pause_and_again_when_it_ends():
    passes = Passes()
    assert passes.feed(b"a\r 50%") == ["a"]
    assert passes.pause() == " 50%"
    assert passes.pause() == " 50%"
    assert passes.feed(b"\r100%\n") == [" 50%", "100%"]
    assert passes.pause() is None


def test_escape_sequences_are_left_out_and_empty_lines_too():
    assert Passes().feed(b"\x1b[31mred\x1b[0m\n\n \n\x1b]0;title\x07a\x08\n\x1b[A\x1b[2K\n") == ["red", "a"]


def test_a_line_without_end_is_given_up_and_the_next_is_read():
    passes = Passes()
    for _ in range(100):
        assert passes.feed(b"x" * 1000) == []
    assert passes.pause() is None
    assert passes.feed(b"x\nnext\n") == ["next"]
    assert Passes().feed(b"x" * (LONGEST_PASS + 1) + b"\nnext\n") == ["next"]
