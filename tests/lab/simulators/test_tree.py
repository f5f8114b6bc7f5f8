"""The configuration tree survives being printed, read, edited and compared."""

from hypothesis import given
from hypothesis import strategies as st

from lab.simulators.tree import (
    Tree,
    changes,
    clone,
    contextual_diff,
    follow,
    parse,
    render,
    transplant,
    unified_diff,
)

WORDS = st.text("abcxyz019./", min_size=1, max_size=6)
LINES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join).filter(lambda line: line != "end")
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.just({}), lambda children: st.dictionaries(LINES, children, max_size=4), max_leaves=20
)


@given(TREES, st.integers(1, 4))
def test_rendered_tree_is_read_back(tree: Tree, step: int) -> None:
    read = parse("\n".join(render(tree, step)))
    assert read == tree
    assert list(read) == list(tree)


@given(TREES, TREES)
def test_changes_carry_one_tree_to_the_other(before: Tree, after: Tree) -> None:
    copy = clone(before)
    transplant(changes(before, after), copy)
    assert copy == after


@given(TREES, TREES)
def test_diffs_are_empty_exactly_when_nothing_differs(before: Tree, after: Tree) -> None:
    same = before == after
    assert (contextual_diff(before, follow(after, before)) == []) == same
    assert (unified_diff(before, after, ("a", "b"), 3) == "") == same


@given(TREES, TREES)
def test_following_changes_order_only(tree: Tree, model: Tree) -> None:
    assert follow(tree, model) == tree


def test_banner_is_one_entry_with_its_text() -> None:
    text = "banner motd ^C\n Only for\nauthorised people ^C\nhostname sw\n"
    tree = parse(text)
    assert list(tree) == ["banner motd ^C\n Only for\nauthorised people ^C", "hostname sw"]
    assert parse("\n".join(render(tree))) == tree


def test_order_counts_in_an_access_list() -> None:
    before = parse("ip access-list extended x\n permit a\n deny b\n")
    after = parse("ip access-list extended x\n deny b\n permit a\n")
    assert contextual_diff(before, follow(after, before))
    assert changes(before, after).reordered
