"""What the notes about texts and files mean; ``note_texts`` beside it has the others."""

from collections.abc import Mapping
from typing import Final

from migrator.core.note_text import NoteText
from migrator.core.notes import NoteCode

NO_BYTES = "has no content at the source; it was uploaded as it is"
"""The message of ``file_empty``, of a file that was uploaded or found."""

CONTENT_NOTES: Final[Mapping[str, NoteText]] = {
    NoteCode.CONTROL_CHARACTERS: NoteText("Characters that JSON and HTML cannot carry were removed.", "cosmetic"),
    NoteCode.SECRET_HIDDEN: NoteText(
        "The source's answer holds a secret of the config, such as the password that it was asked with: it was hidden.",
        "changed",
        advice="change that secret, and ask who writes it there",
    ),
    NoteCode.IMAGE_LINKED: NoteText(
        "The picture is not in the text: it is an uploaded file, linked where it stood, or only its address is.",
        "changed",
    ),
    NoteCode.LINK_UNUSABLE: NoteText(
        "The link leads nowhere outside the old system, or is no web address; its text and address stay visible.",
        "changed",
    ),
    NoteCode.LINK_TO_SOURCE: NoteText(
        "The link leads to the source, to something that is neither a test case nor a file that was read from there.",
        "changed",
        advice="copy what it leads to before the source is switched off",
    ),
    NoteCode.MARKUP_REMOVED: NoteText(
        "A script, frame, embedded object, film or drawing was removed; the note holds it.", "lost"
    ),
    NoteCode.MARKUP_ASSUMED: NoteText(
        "Tags were read as formatting, or entities as signs, in a text of which nothing proves that an editor wrote it;"
        " the note names them.",
        "cosmetic",
        advice="if somebody typed them, write them into QA Sphere",
    ),
    NoteCode.MARKUP_UNSEEN: NoteText(
        "Tags that show nothing, such as an empty `<b></b>` or `<section>`, were left out, though somebody may have"
        " typed them; the note names them.",
        "changed",
        advice="if somebody typed them, write them into QA Sphere",
    ),
    NoteCode.MARKUP_OF_EDITORS: NoteText(
        "A style sheet, settings of a word processor or a tag of a web page were left out; the note holds them.",
        "cosmetic",
    ),
    NoteCode.STORED_DIFFERENTLY: NoteText(
        "QA Sphere gave the field back otherwise than it was sent.", "changed", setting="migrator verify"
    ),
    NoteCode.TABLE_FLATTENED: NoteText(
        "A table, or lines with tabs, became lines, cells separated by a bar.", "changed"
    ),
    NoteCode.FILE_RENAMED: NoteText(
        "The name of the file holds what systems refuse, is too long, or belongs to another file of the case.",
        "changed",
    ),
    NoteCode.FILE_UNWRAPPED: NoteText(
        "The source gave this archive within another one of the same name, which servers put around files; it was taken"
        " out.",
        "cosmetic",
    ),
    NoteCode.TEXT_OVERFLOW: NoteText(
        "The text has over 65,535 characters of HTML; its beginning is in its place, the whole of it in a file.",
        "changed",
    ),
    NoteCode.FILE_MISSING: NoteText(
        "The source lists a file and has no bytes for it.",
        "lost",
        advice="mend it at the source, then `migrator retry --files`",
    ),
    NoteCode.FILE_TRUNCATED: NoteText(
        "Fewer bytes came than the source promised, each time it was asked.",
        "lost",
        setting="migrator retry --files",
    ),
    NoteCode.FILE_WEB_PAGE: NoteText(
        "A web page, such as a log-in, came where the name promises something else.",
        "lost",
        advice="check the account, then `migrator retry --files`",
    ),
    NoteCode.FILE_TOO_LARGE: NoteText(
        "QA Sphere takes files of up to 50 MiB; the case says where this one stays.",
        "lost",
        advice="`keep_files: true` keeps a copy in the workspace",
    ),
    NoteCode.FILE_REFUSED: NoteText(
        "The account may not read this file.",
        "lost",
        advice="give it the right, then `migrator retry --files`",
    ),
    NoteCode.FILE_UNREADABLE: NoteText(
        "What came is neither a file nor an error, such as broken base64.",
        "lost",
        setting="migrator retry --files",
    ),
    NoteCode.FILE_FOREIGN: NoteText(
        "A picture in a text lies on another host; its address stands there as a link.",
        "lost",
    ),
    NoteCode.FILE_NO_IMAGE: NoteText(
        "The address of a picture in a text answers something else; it stands there as a link.",
        "lost",
    ),
    NoteCode.FILE_EMPTY: NoteText(
        "The file has no bytes at the source; it was uploaded as it is.",
        "cosmetic",
    ),
    NoteCode.FILE_TYPE_GUESSED: NoteText(
        "Neither name nor source tell the type of the file; it was told by its first bytes.",
        "cosmetic",
    ),
    NoteCode.FILE_NOT_READ: NoteText(
        "The source is not asked for bytes; the file stays there and is named in the case.",
        "lost",
        setting="source.attachments",
    ),
    NoteCode.FILE_NO_ROUTE: NoteText(
        "The source's API shows the name of the file and gives no way to its bytes; the case names it.",
        "lost",
        advice="download it from the source by hand",
    ),
    NoteCode.FORMATTING_LOST: NoteText(
        "What QA Sphere does not keep is shown by characters: `10^2` for raised words, `H_2O` for lowered ones,"
        " `~~old~~` for struck ones, `[x]` for a ticked box, and the signs that letters of a symbol font stand for.",
        "changed",
    ),
    NoteCode.COLOUR_LOST: NoteText(
        "QA Sphere keeps no colours; the note holds the words that had one, or a ground of another colour, without"
        " those in which everything is written.",
        "changed",
        advice="where a colour says something, write it in words",
    ),
    NoteCode.HIDDEN_TEXT: NoteText(
        "The source does not show a part of the text, or that is a comment; the note holds it.",
        "changed",
    ),
    NoteCode.LIST_NUMBERS: NoteText("A list does not count 1, 2, 3; its numbers or letters stand as words.", "changed"),
    NoteCode.CONTENT_MISSING: NoteText(
        "Words, pictures, addresses or list numbers of the text did not arrive; the note holds them.",
        "lost",
        advice="add them in QA Sphere by hand, and report it",
    ),
    NoteCode.PICTURE_AMBIGUOUS: NoteText(
        "Several files of the item have the name of a picture, and its address holds no id; the source is asked for"
        " the picture.",
        "changed",
        advice="look whether it is the right one",
    ),
    NoteCode.RUN_TEXT_CUT: NoteText(
        "The run has more to say than 512 characters; the whole is an attached file, linked from the description.",
        "changed",
    ),
    NoteCode.COMMENT_CUT: NoteText(
        "A result has more to say than a comment holds; the whole is an attached file, linked from the comment.",
        "changed",
    ),
    NoteCode.TEXT_UNLINKED: NoteText(
        "A file that a run or result names could not be stored; its text says so in words, in place of a link.",
        "lost",
        setting="migrator retry --files",
    ),
    NoteCode.TEXT_LATE: NoteText(
        "A file that a run or result names came after it; that text cannot be changed any more.",
        "changed",
        advice="link it in QA Sphere by hand; the note says where it is",
    ),
}
