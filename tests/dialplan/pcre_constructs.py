"""Patterns of every construct that PCRE2 has, and subjects to hold them against."""

from __future__ import annotations

SUBJECTS = (
    "", "a", "A", "b", "ab", "aB", "AB", "abc", "aabb", "aaabbb", "abab", "aaa", "ba", "bac", "xaby",
    "1", "12", "123", "1234", "12345", "1001", "5551212", "4155551212", "+15551234567", "*98", "**12",
    "a b", "a\tb", "a\nb", "ab\n", "\n", "a\r\nb", "\x0b", "\x0c", "a.b", "a-b", "a_b", "a{,3}", "a{e<=1}",
    "-", "]", "^", "[", "\\", "b]", "/", "foo bar", "foobar", "foo", "bar", "FOO", "oneonetwo", "twotwo",
    "sip:1000@example.com", "AES_CM_128_HMAC_SHA1_80", "true", "AbAb", "aAbB", "xx", "x=1;y=2", "é",
    "naïve", "9", "81", "\x01", "\x08", "\x1b", "'", '"', "aXb", "abcabc", "cab", "dcba", "zzz", "a1b2",
    "((a))", "a(b)c", "racecar", "0", "00", "a}", "a{2", "a{1,2", "_", "N", "A1", "Aa1!", "A\u00e9",
)  # fmt: skip

CONSTRUCTS = (
    # literals, any, anchors
    r"abc", r"a.b", r"^a", r"a$", r"^a$", r"^$", r"$", r"^", r"\Aab", r"ab\z", r"ab\Z", r"\Gab",
    r"a\.b", r"\/", r"\-", r"\_", r"a\{2", r"a{2", r"a{,3}", r"a{1,2", r"a}", r"]", r"a{e<=1}", r"a{i}",
    r"a{ 1,2}", r"\\", r"a\Qb*\Ec", r"\Qa.b\E", r"\Qab", r"a\E*", r"\Q\Ea", r"a\Q.b\E+",
    # escapes
    r"\t", r"\n", r"\r\n", r"\f", r"\e", r"\a", r"\x41", r"\x{41}", r"\x", r"\x4g", r"\o{101}", r"\101",
    r"\0", r"\cA", r"\c[", r"\12", r"\x{e9}", r"\xc3\xa9",
    # classes of characters
    r"\d+", r"\D+", r"\w+", r"\W+", r"\s+", r"\S+", r"\h+", r"\H+", r"\v+", r"\V+", r"\N+", r"\N{2}",
    r"\R", r"a\Rb", r"\X", r"^\X$", r"\C", r"^\C\C$", r"\p{L}+", r"\p{Lu}", r"\P{L}", r"\pN+", r"\p{^N}",
    r"\p{L&}+", r"\p{Xan}+", r"\p{Any}", r"\p{Po}", r"\p{Nd}{3}",
    r"[abc]", r"[^abc]", r"[a-c]+", r"[a-c1-3]+", r"[]a]", r"[^]a]", r"[a\]]", r"[-a]", r"[a-]", r"[\d-]",
    r"[\w.]+", r"[^\d]+", r"[[:alpha:]]+", r"[[:^alpha:]]+", r"[[:digit:][:space:]]+", r"[[:punct:]]",
    r"[[:upper:]]+", r"[[:xdigit:]]+", r"[[:word:]]+", r"[[:blank:]]", r"[[:cntrl:]]", r"[[:graph:]]+",
    r"[[:print:]]+", r"[[:ascii:]]+", r"[\b]", r"[\x41-\x43]+", r"[\Qa-c\E]+", r"[a&&b]", r"[a||b]",
    r"[a~~b]", r"[[]", r"[[a]", r"[a--b]", r"[\h\v]", r"[\12]", r"[\1]", r"[.]", r"[^\n]", r"[\E]a]",
    r"[[:<:]]b", r"o[[:>:]]", r"[é]", r"é", r"^.$", r"^..$", r"[\N{2}]",
    # repeats
    r"a*", r"a+", r"a?", r"a{2}", r"a{2,}", r"a{1,2}", r"a*?b", r"a+?", r"a??b", r"a{1,2}?", r"a*+a",
    r"a++b", r"a?+a", r"a{1,3}+a", r"a{0}b", r"(ab)*", r"(ab){2}", r"(a|b)*", r"(?:a|b)+c", r"(a*)*",
    r"(a*)+", r"(?:)*a", r"(a){0}b", r"(?=a)*b", r"(?!a)+b", r"x{65535}", r"a{3}{2}",
    # groups and references
    r"(a)(b)?", r"(a)?(b)", r"(a)|(b)", r"(a)|b", r"((a)(b))", r"(?:ab)", r"(?|(a)|(b))", r"(?|(a)(b)|(c))(d)?",
    r"(?<n>a)(?P=n)", r"(?P<n>a)b", r"(?'n'a)b", r"(?<n>a)\k<n>", r"(?<n>a)\k'n'", r"(?<n>a)\k{n}",
    r"(?<n>a)\g{n}", r"(a)\1", r"(a)\g1", r"(a)\g{1}", r"(a)\g{-1}", r"(a)(b)\g{-2}", r"(\w)\1", r"(a)\g<1>",
    r"(a)\g'1'", r"(?<n>a)\g<n>", r"\g<1>(a)", r"(?1)(a)", r"(?+1)(a)", r"(a)(?-1)", r"(?<n>a|b)(?&n)",
    r"(?<n>a|b)(?P>n)", r"a(?R)?b", r"^(a(?1)?b)$", r"(?0)?a", r"(\2two|(one))+", r"\1(a)", r"(?>a+)b",
    r"(?>a+)ab", r"(a)\10", r"(?:(a)|b)*", r"(a)(?:\1)", r"((?:(a)|b)*)c",
    # look around, conditions
    r"a(?=b)", r"a(?!b)", r"(?<=a)b", r"(?<!a)b", r"(?<=a|bc)a", r"(?<=\d{2})3", r"(?=(a))ab", r"(?!(a))b",
    r"foo\Kbar", r"(a)?(?(1)b|c)", r"(?<n>a)?(?(<n>)b|c)", r"(?<n>a)?(?('n')b|c)", r"(?<n>a)?(?(n)b|c)",
    r"(?(?=a)ab|b)", r"(?(?!a)b|ab)", r"(?(DEFINE)(?<d>\d))(?&d)+", r"(a)?(?(1)b)", r"(?(?<=a)b|a)",
    r"\bfoo\b", r"\Bb", r"^(?!1)\d+$", r"^((?!6000)60\d{2})$", r"(?<=^a)b", r"(?<=\b)b",
    # settings
    r"(?i)ab", r"a(?i)b", r"a(?i)b|c", r"(?i:a)b", r"(?-i)a", r"((?i)a)b", r"(?i)(a)\1", r"(?i)[a-c]+",
    r"(?i)[^a]", r"(?i)é", r"(?s)a.b", r"(?s:a.)b", r"(?m)^b", r"(?m)a$", r"(?m)^", r"(?m)$", r"(?m)^$",
    r"(?x)a b # c", r"(?x) a +", r"(?x)a\ b", r"(?x)[a b]+", r"(?xx)[a b]+", r"(?n)(a)(?<n>b)", r"(?U)a+",
    r"(?U)a+?b", r"(?U)(a*)b", r"(?^)a", r"(?i)(?^)a", r"(?^i:a)b", r"(?i-s:a.)", r"(?is)A.B", r"(?#c)a",
    r"a(?#c)*", r"(?i)\x41", r"(?i)\p{Lu}", r"(?i)[[:upper:]]+", r"(?i)(?-i:a)b",
    # verbs and callouts
    r"a(*FAIL)|b", r"(*F)", r"a(*PRUNE)c|ab", r"a+(*PRUNE)c|b", r"a(*SKIP)c|b", r"(*atomic:a+)ab", r"(*pla:a)ab",
    r"(*nla:a)b", r"(*plb:a)b", r"(*nlb:a)b", r"(*positive_lookahead:a)a", r"a(?C)b", r"a(?C5)b", r'a(?C"x")b',
    r"(*NO_JIT)a", r"(*MARK:x)a", r"(*:x)a", r"(*COMMIT)a", r"(*ACCEPT)a", r"(*THEN)a", r"(*UTF)a", r"(*UCP)a",
    # what PCRE2 refuses
    r"*a", r"a**", r"a+++", r"(a", r"a)", r"[a", r"[]", r"[z-a]", r"[\d-z]", r"[a-\d]", r"[[:foo:]]", r"[:alpha:]",
    r"\i", r"\m", r"\u", r"\9", r"\g{0}", r"\g1", r"(?<1>a)", r"(?<n>a)(?<n>b)", r"(?<n", r"(?", r"(?P", r"(?z)a",
    r"(?<=a+)b", r"(?<=(a|bc))d", r"a{3,2}", r"a{70000}", r"\x{100}", r"\400", r"(?1)", r"(?&n)", r"\k<n>",
    r"(?(2)a)(b)", r"(?(1)a|b|c)(d)", r"[\B]", r"[\R]", r"\p{Foo}", "\\", r"\b+a", r"^*a", r"(*FOO)", r"\c",
    r"(?(DEFINE)a|b)", r"\o{9}", r"\x{}", r"(?C256)a", r"(?#a", r"[[.a.]]", r"(?i)*", r"(?-1)", r"\kn",
    # from real dialplans
    r"^9196$", r"^(10[01][0-9])$", r"^\*98$", r"^vmain$|^4000$|^\*98$", r"^(redial|870)$", r"^88(\d{4})$|^\*0(.*)$",
    r"^\+?1?([2-9]\d{2}[2-9]\d{6})$", r"^(?:\+1|1)?(\d{10})$", r"(.*)@(.*)", r"^sip:(.*)@(.*)$", r"^(\d+)$",
    r"^(AES_CM_128_HMAC_SHA1_32|AES_CM_128_HMAC_SHA1_80)$", r"^(35\d{2}).*?-screen$", r"x=(\d+)", r"^\+(\d+)",
    r"^(.{14,})$", r"^[^*#]+$", r"^0*([1-9]\d*)$", r"^\d{3,5}$", r"^(\d)(\d)(\d+)$", r"^(?i)foo$",
)  # fmt: skip
