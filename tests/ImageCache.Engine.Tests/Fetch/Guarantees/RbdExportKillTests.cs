using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

[Collection(LabTests.Name)]
public sealed class RbdExportKillTests(LabCloud lab) : KillGuarantees(RbdOrigin.ByLibrary(lab));
