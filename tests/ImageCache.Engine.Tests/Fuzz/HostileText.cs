using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>A sound text and what is done to it.</summary>
/// <param name="Document">The sound text.</param>
/// <param name="Edits">The changes.</param>
/// <param name="Tokens">What its language has that may hurt.</param>
internal sealed record HostileText(byte[] Document, IReadOnlyList<TextEdit> Edits, IReadOnlyList<byte[]> Tokens)
{
    private const int MostBytes = 2 << 20;

    /// <summary>What may hurt a reader of JSON.</summary>
    public static IReadOnlyList<byte[]> Json { get; } = Encode(
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "\\udc00\\ud800", "\\u0000", "\\\"", "null", "true", "-1", "-0", "1e999", "1E-5", "0.5",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "\"9999-99-99T99:99:99Z\"", "\"0001-01-01T00:00:00+14:00\"", "\"\"",
        "\"id\":\"x\",", "\"status\":{},", "\"tok\\ud800\":1,", "\"i\\ud800\":\"x\",", "\"mess\\udfff\":1,", "\"na\\ud8\":1,", "\"sta\\ud800tus\":1,", "\"\\ud800\":\"x\",",
        "//", "/*", "NaN", "Infinity", "\uFEFF", "\u202E", "\u0085", "\u001b[31m", "../../etc/passwd", "file:///etc/passwd", "http://u:p@h/?t=1",
        Repeat("[", 70), Repeat("[", 50_000), Repeat("{\"a\":", 5_000), Repeat("1", 5_000), "\"" + Repeat("x", 100_000) + "\"", Repeat("\"a\":1,", 2_000));

    /// <summary>What may hurt a reader of YAML.</summary>
    public static IReadOnlyList<byte[]> Yaml { get; } = Encode(
        "- ", ": ", "\n", "  ", "\t", "&a ", "*a", "<<: *a\n", "<<: [*a, *a]\n", "!!binary ", "!!python/object:os.system ", "!<tag:x> ", "| \n", ">-\n", "? ", "--- \n",
        "...\n", "%YAML 9.9\n", "%TAG ! x\n", "{", "}", "[", "]", ",", "'", "\"", "\\x", "\\u12", "\\ud800", "#", "@", "`", "~", "null", "clouds:\n", "auth:\n", "\r", "\u0085",
        "\u2028", "\uFEFF", "\u0000", "\u0007", "1e999", "99999999999999999999", "-1", "0x10", "50MiB", "999999999TiB", "1e-400", "../../etc/passwd",
        Repeat("[", 2_000), Repeat("{a: ", 500), Repeat("- ", 500), Repeat(" ", 5_000), Repeat("x", 50_000),
        "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n");

    /// <summary>What may hurt a reader of nova.conf.</summary>
    public static IReadOnlyList<byte[]> Ini { get; } = Encode(
        "[", "]", "[DEFAULT]\n", "[glance]\n", "[]\n", "=", ":", "\n", "\r", "\n ", "\t", "#", ";", "$", "$$", "${", "}", "$state_path", "${instances_path}", "$glance.rbd_user", "$.x",
        "instances_path = $instances_path\n", "state_path = $a$a$a$a$a$a$a$a\na = $b$b$b$b$b$b$b$b\nb = $c$c$c$c$c$c$c$c\nc = $d$d$d$d$d$d$d$d\nd = $e$e$e$e$e$e$e$e\ne=xxxxxxxxxxxx\n",
        "'", "\"", "\\", "\\$", "\u0000", "\uFEFF", "\u0085", "true", "-1", "99999999999999999999", "1e9", "../..", "image_cache_subdirectory_name = ../../x\n",
        Repeat("$a", 5_000), Repeat("x", 100_000), Repeat(" continued\n", 3_000), Repeat("[a]\nb=c\n", 2_000));

    /// <summary>Texts like these.</summary>
    public static Arbitrary<HostileText> Like(IReadOnlyList<byte[]> tokens, params IEnumerable<string> documents)
    {
        Gen<TextEdit> edit =
            from kind in Gen.Choose(0, 9)
            from place in Gen.Choose(0, int.MaxValue)
            from choice in Gen.Choose(0, int.MaxValue)
            select new TextEdit(kind, place, choice);
        Gen<HostileText> texts =
            from document in Gen.Elements(documents.Select(Encoding.UTF8.GetBytes).ToArray())
            from count in Gen.Choose(0, 6)
            from edits in edit.ArrayOf(count)
            select new HostileText(document, edits, tokens);
        return Arb.From(texts, static whole => whole.Smaller());
    }

    /// <summary>The text.</summary>
    public byte[] Make() => Edits.Aggregate(Document, Apply);

    public override string ToString()
    {
        byte[] text = Make();
        return string.Create(
            CultureInfo.InvariantCulture, $"{text.Length} bytes, [{string.Join("; ", Edits)}]: {Encoding.UTF8.GetString(text, 0, Math.Min(text.Length, 800))}");
    }

    private IEnumerable<HostileText> Smaller()
        => Enumerable.Range(0, Edits.Count).Select(left => this with { Edits = [.. Edits.Where((_, index) => index != left)] });

    private byte[] Apply(byte[] text, TextEdit edit)
    {
        int at = edit.Place % (text.Length + 1);
        int end = Math.Min(text.Length, at + (edit.Choice % 64));
        ReadOnlySpan<byte> before = text.AsSpan(0, at);
        ReadOnlySpan<byte> after = text.AsSpan(at);
        byte[] token = Tokens[edit.Choice % Tokens.Count];
        byte[] changed = edit.Kind switch
        {
            0 or 1 or 2 or 3 => [.. before, .. token, .. after],
            4 => [.. before, .. token, .. text.AsSpan(end)],
            5 => [.. before, .. text.AsSpan(end)],
            6 => [.. before, .. text.AsSpan(at, end - at), .. after],
            7 => [.. before],
            8 => [.. before, (byte)edit.Choice, .. text.AsSpan(Math.Min(text.Length, at + 1))],
            _ => [.. before, 0xC3, 0x28, 0xED, 0xA0, 0x80, .. after],
        };
        return changed.Length > MostBytes ? text : changed;
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static IReadOnlyList<byte[]> Encode(params string[] tokens) => [.. tokens.Select(Encoding.UTF8.GetBytes)];
}
