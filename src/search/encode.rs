//! The files of the index: bodies, their split into shards, their names, their wrapping. This is format 1.
//!
//! An [`Index`](super::index) goes in, (address, bytes) come out. A script of the theme decodes them by this text and
//! names its version; whoever changes it raises both. It must never depend on anything but the index: the same index
//! gives the same bytes on every machine and with any number of cores.
//!
//! # Files
//!
//! All files lie below `search/`. The *name* of a file is its path there without `.js`: `root`, `t/<h>`, `l/<h>`,
//! `w/<h>`, `x/<h>/<k>` (k decimal, from 0), `f/<h>`, `n/<h>`. A file is, in bytes and without a line end,
//!
//! ```text
//! strangShard("NAME","DATA")
//! ```
//!
//! DATA is the raw deflate (no zlib or gzip frame) of a *body*, each byte as it is but 0, 10, 13, 34 and 92, which are
//! written `\x00`, `\n`, `\r`, `\"` and `\\`. The file is windows-1252 to a browser, which reads 27 of the bytes 128 to
//! 159 as other characters. A body begins with its capital letter and the byte 1, the version; nothing follows its end.
//!
//! # Parts of a body
//!
//! | sign | is |
//! | --- | --- |
//! | `u8` | one byte |
//! | `v` | unsigned LEB128: seven bits a byte, the low ones first, the high bit set on all but the last; below 2^32 |
//! | `s` | v length in bytes, then UTF-8 |
//! | `f` | v number of bytes shared with the `f` before it *in the same column*, v length of the rest, the rest. The first of a column in a body shares none. Bytes, not characters: the cut may lie inside a character, and a bound may end inside one |
//! | `h` | 5 bytes: the first 40 bits of SHA-256(salt ‖ data), in a name as 10 small hexadecimal digits. `data` is the deflated body before wrapping. The salt is empty, or the one byte 1, 2, … while another content of this build has the name |
//! | list | v count, then the items |
//! | gaps | the first number, then each less the one before it, all `v`; numbers rise |
//! | impacts | of n records, in the order of their ids: ⌈n/2⌉ bytes, the first record's in the low four bits of the first byte, the second's in the high four; each 1 to 15; an odd end is filled with 0. With flag 1: n bytes |
//!
//! Terms, words, keys and bounds are compared as bytes.
//!
//! # Records
//!
//! A record has an id. Undated records come first, from 0 without a gap, class by class: 0 customers, 1 departments,
//! 2 people, 3 people who left, 4 plain pages (the home page and folders with a text are among them), 5 sections (goals
//! are sections); within a class by the path of their page in the site, then in the order of the page. `base` is the
//! next multiple of 4,096 (0 if there is no undated record). From `base` on, without a gap, class 6, entries, by day,
//! then by the address and anchor of the first target. The ids between are nobody's. N, for weights, is the number of
//! records: the class counts and the entries, without those unused.
//!
//! Days count from 0001-01-01, which is day 0; what is older is day 0, too.
//!
//! # R: `root`
//!
//! 1. `h` of all that follows in this body, not deflated: tells two builds apart.
//! 2. `v` flags: 1 impacts have 8 bits, 2 people are named.
//! 3. `v` the day of the build, from which ages count.
//! 4. 6 × `v` the number of records of classes 0 to 5.
//! 5. `v` base, `v` number of entries.
//! 6. days: list of (v gap, v entries): each day with entries, as the distance to the day before it in this list (the
//!    first: to day 0), with how many there are.
//! 7. kinds: list of (s id, s label, s mark), in the order of the settings.
//! 8. departments: list of (s id, s label, u8 far: 1, near: 0), in readers' order.
//! 9. choice facts: list of (s key, s label, values: list of (s id, s label)), each key once.
//! 10. five tables of shards: terms: list of (f bound, h). words: list of (f bound, h). names: list of (f bound, h).
//!     text groups: list of (u8 e, h). columns: list of (u8 column, h). The first three each have a column of `f`.
//!
//! In tables with bounds, a bound is the least string that its shard may hold, and the first is empty: a string is in
//! the shard of the last bound that is not greater, or nowhere. A table is empty if there is nothing to hold.
//!
//! # T: terms
//!
//! `t/<h>`: list of (f term, v df, s parts, v length; where the length is 0: h best, h all), then the payloads of all
//! terms with a length, in that order, without anything between. A payload is the gaps of df ids, then their impacts;
//! its length is that of both in bytes. Parts are those of a compound as folded, separated by one blank; else empty. A
//! payload of more than a third of what T aims at (see below) stands in two files L, or in one if there are no more
//! than 1,000 records: then best = all.
//!
//! **Filters are terms**, too: byte 1, key, byte 2, value. They have no impacts, anywhere, and only the file *all*;
//! their *best* is five zero bytes. Their ids are those of records, their values those of section 7 to 9:
//!
//! | key | value | on |
//! | --- | --- | --- |
//! | `customer` | id of the customer | its head, its sections and goals, its entries |
//! | `department` | id | entries: the departments that did it, also in place of unnamed people; its head and sections; people: where they work |
//! | `person` | id, only if named | entries: who did it, who is in charge while it is open; the head and sections of the person; customers: who is in charge |
//! | `goal` | `customer-id/goal-id` | the goal's section, the entries that pay into it |
//! | `kind` | id of the kind | entries |
//! | `status` | `open` or `done` | as the status byte of X |
//! | `fact:KEY` | the choice | heads and entries that have it; a customer's also on the customer's sections, goals and entries |
//!
//! # L: long lists
//!
//! `l/<h>`: v count, gaps, impacts (none for a filter). *best*: the 1,000 of highest (impact, id), in the order of ids.
//! *all*: every id.
//!
//! # W: words
//!
//! `w/<h>`: list of (u8, rest, byte 0): words in their order. The low four bits of the u8 are the number of bytes
//! shared with the word before it in this body (0 to 15, the first 0), the high four ⌊log₂ df⌋, at most 15. Words are
//! the terms without any digit that are in two records or more, or in the title of one, or in a name that N has.
//!
//! # X: text
//!
//! Group g holds the records 256 g to 256 g + 255, in 2^e blocks: record r is item `r & (2^(8-e) - 1)` of block
//! `(r & 255) >> (8 - e)`, the file `x/<h of the group>/<block>`. e is at most 6 and the least with which the bodies of
//! the group are 12 KiB on average. The name of a group hashes the data of its blocks, one behind the other. Blocks
//! behind the last record of a group are not written, and a group without records is e = 0 and five zero bytes.
//!
//! A block: list of records, each
//!
//! | part | is |
//! | --- | --- |
//! | `u8` class | 0 to 6 |
//! | `v` kind + 1 | position of an entry's kind in root; 0 for all others |
//! | `v` day | of an entry; 0 for all others |
//! | `u8` status | 0 nothing to say, 1 open, 2 done: of entries and goals; a goal that is no longer open is done. Entries are done that were closed, or are of a kind that is open until then |
//! | `s` title | as the page shows it |
//! | `s` path | where it stands, parts separated by ` › `: of a section its page and the headings above it; of a plain page its folders; of an entry its customers, separated by `, `; else empty |
//! | `s` meta | as shown, parts separated by ` · `: of an entry its date, sum and who did it; of a page as the note of N; of a goal its state and due date |
//! | list of (f address, s anchor, s customer) | where it opens: at least one; the address of a page relative to the site's root, percent-encoded; an anchor without `#` or nothing; the id of the customer whose page it is or nothing. Addresses have a column of `f` over the whole body |
//! | list of `v` departments | positions in root, rising |
//! | list of `s` people | the ids that the record has in filters |
//! | `s` text | plain, blocks separated by a line feed: the body, then lines `label: value` |
//!
//! # F: columns
//!
//! `f/<h>`: value sets: list of (list of v, rising), then for each id of the block a `v`, the position of its set. Block
//! b holds the ids 65,536 b to 65,536 b + 65,535, the last one up to the last id. Column 0 is the kind (position in
//! root), 1 the status (1, 2), 2 departments (positions in root), 3 customers (ids of their heads), each as in filters.
//! Sets are numbered as they come first; an id without any has the empty set. The table in root has the blocks of
//! column 0 in order, then those of 1, 2, 3.
//!
//! # N: names
//!
//! `n/<h>`: targets: list of (u8 class, v record, s title, f address, s note), by record; keys: list of (f key, v
//! position among the targets of this body), by key, then target. A note is whom to ask, as shown: name and telephone
//! of who is in charge or leads, of a person the departments and telephone; or empty. Targets are heads. A key is
//! several folded words separated by blanks: of a title or an alias from its first, second, third and fourth word on,
//! eight words at most; of an id, a former id, a unique fact the whole. Words with joiners are there joined
//! (`re20240815`) and, where that differs, once more in parts (`re 2024 0815`). What is typed is a name if a key begins
//! with it. A key with more than 64 targets is left out.
//!
//! # The split into shards
//!
//! Bodies of T aim at 12 KiB, of N at 6 KiB, of W at 16 KiB, all of them doubled above 65,536 records. split(prefix)
//! makes one shard of all strings with this prefix if they fit; else it groups them by their next byte (the prefix
//! itself first), glues neighbours while they fit and splits what does not. So a new word renames one shard and root.
