from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Invalid
from freehold.spec import load
from freehold.wire import xml

BOMB = (
    b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<Tagging><TagSet><Tag><Key>&b;</Key></Tag></TagSet></Tagging>"
)
OUTSIDE = b'<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><Tagging>&x;</Tagging>'


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        OUTSIDE,
        b'<!DOCTYPE html><a/>',
        b"",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"not xml",
        b"<a>&undefined;</a>",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b'<?xml version="1.0" encoding="utf-7"?><a>+AGE-</a>',
        b'<?xml version="1.0" encoding="idna"?><a/>',
        b"<a>\xff</a>",
        b"\x00",
        b"<a>" * 1000 + b"</a>" * 1000,
        b"<a>" + b"<b/>" * xml.NODES_MAX + b"</a>",
        b'<a xmlns:x="y" x:b="1" x:b="2"/>',
    ],
    ids=lambda body: repr(body[:30]),
)  # fmt: skip
def test_hostile_and_broken_bodies_are_malformed(body):
    with pytest.raises(Invalid) as caught:
        xml.tree(body)
    assert caught.value.code == "MalformedXML"


@given(st.binary(max_size=60))
def test_any_bytes_are_a_tree_or_malformed(body):
    try:
        node = xml.tree(b"<a>" + body + b"</a>")
    except Invalid:
        return
    assert node.name == "a"


def test_namespaces_and_comments_are_passed_over():
    node = xml.tree(
        b'<x:Tagging xmlns:x="urn:any"><!-- c --><x:Key>a<![CDATA[<b>]]></x:Key></x:Tagging>'
    )
    assert (node.name, node.children[0].name, node.children[0].text) == ("Tagging", "Key", "a<b>")


def test_attributes_are_read_by_their_local_name():
    shape = load.service("s3").shape("Grantee")
    node = xml.tree(
        b'<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">'
        b"<URI>u</URI></Grantee>"
    )
    assert xml.read(shape, node) == {"Type": "Group", "URI": "u"}


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C",))))
def test_escaped_text_is_read_back(text):
    node = xml.tree(f'<a b="{xml.escape(text)}">{xml.escape(text)}</a>'.encode())
    assert node.text == text


@given(st.text())
def test_escaped_text_is_always_xml(text):
    body = f'<a b="{xml.escape(text)}">{xml.escape(text)}</a>'.encode("utf-8", "replace")
    assert xml.tree(body).name == "a"
