using System.Xml.Linq;

namespace ImageCache.Module.Tests;

/// <summary>What a Pester file said, as its NUnit result has it.</summary>
/// <param name="Total">How many tests there were.</param>
/// <param name="Passed">How many passed.</param>
/// <param name="Failures">The tests that failed, with their messages.</param>
/// <param name="Skips">The tests that were skipped, with their reasons.</param>
internal sealed record PesterRun(int Total, int Passed, IReadOnlyList<string> Failures, IReadOnlyList<string> Skips)
{
    /// <summary>Reads a result file (https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html).</summary>
    public static PesterRun Read(string path)
    {
        XElement run = XDocument.Load(path).Root ?? throw new InvalidDataException("The result file is empty.");
        return new PesterRun(
            (int)run.Attribute("total")!,
            (int)run.Attribute("passed")!,
            Cases(run, "Failed", "failure"),
            Cases(run, "Skipped", "reason"));
    }

    private static string[] Cases(XElement run, string result, string detail) =>
    [
        .. run.Descendants("test-case")
            .Where(test => (string?)test.Attribute("result") == result)
            .Select(test => $"{(string?)test.Attribute("fullname")}: {(string?)test.Element(detail)?.Element("message")}"),
    ];
}
