using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

[Collection(LabTests.Name)]
public sealed class RbdExportFetchTests(LabCloud lab) : FetchGuarantees(RbdOrigin.ByLibrary(lab));
