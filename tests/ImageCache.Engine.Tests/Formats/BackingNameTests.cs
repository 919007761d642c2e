using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

/// <summary>Names of backing files as QEMU understands them.</summary>
public sealed class BackingNameTests
{
    [Theory]
    [InlineData("/a/b", "/a/b")]
    [InlineData("b", "b")]
    [InlineData("../_base/b", "../_base/b")]
    [InlineData("./a:b", "./a:b")]
    [InlineData("/a:b", "/a:b")]
    [InlineData("/with\nnewline", "/with\nnewline")]
    [InlineData("file:/a", "/a")]
    [InlineData("host_device:/dev/x", "/dev/x")]
    [InlineData("""json:{"driver":"qcow2","file":{"driver":"file","filename":"/a"}}""", "/a", "qcow2")]
    [InlineData("""json:{"driver":"raw","file":{"driver":"file","filename":"/a"}}""", "/a", "raw")]
    [InlineData("""json:{"driver":"raw","offset":0,"file":{"driver":"raw","file":{"driver":"file","filename":"/a","locking":"off"}}}""", "/a", "raw")]
    [InlineData("""json:{"driver":"raw","file":{"driver":"qcow2","file":{"driver":"file","filename":"/a"}}}""", "/a", "qcow2")]
    [InlineData("""json:{"driver":"qcow2","file.driver":"file","file.filename":"/a"}""", "/a", "qcow2")]
    [InlineData("""json:{"file":{"filename":"/a"}}""", "/a")]
    [InlineData("""json:{"driver":"file","filename":"/a"}""", "/a")]
    [InlineData("""json:{"driver":"file","filename":"/nbd:a"}""", "/nbd:a")]
    [InlineData("""json:{"driver":"qcow2","backing":null,"cache.direct":true,"file":{"driver":"file","filename":"/a"}}""", "/a", "qcow2")]
    [InlineData("""json:{"driver":"luks","key-secret":"s","file":{"filename":"file:/a"}}""", "/a", "luks")]
    public void A_file_is_found(string name, string path, string? format = null)
        => Assert.Equal(new BackingName(path, format, null), BackingName.Parse(name));

    [Theory]
    [InlineData("nbd:unix:/run/x")]
    [InlineData("nbd://host/export")]
    [InlineData("rbd:images/a@snap")]
    [InlineData("https://host/a")]
    [InlineData("""json:{"driver":"raw","file":{"driver":"rbd","pool":"p","image":"i","server":[{"host":"h","port":"1"}]}}""")]
    [InlineData("""json:{"driver":"nbd","server":{"type":"unix","path":"/run/x"}}""")]
    public void What_lies_in_a_network_is_no_file_of_this_node(string name)
        => Assert.Equal(new BackingName(null, null, null), BackingName.Parse(name));

    [Theory]
    [InlineData("file:a")]
    [InlineData("fat:/a")]
    [InlineData("blkdebug:x:/a")]
    [InlineData(":/a")]
    [InlineData("json:")]
    [InlineData("json:[]")]
    [InlineData("json:{}")]
    [InlineData("json:'/a'")]
    [InlineData("""json:{"filename":5}""")]
    [InlineData("""json:{"filename":"a"}""")]
    [InlineData("""json:{"driver":"file","filename":"/a","filename":"/b"}""")]
    [InlineData("""json:{"driver":"qcow2","file.filename":"/a","file":{"filename":"/b"}}""")]
    [InlineData("""json:{"driver":"qcow2","file":"node0"}""")]
    [InlineData("""json:{"driver":"qcow2","backing":{"driver":"file","filename":"/b"},"file":{"driver":"file","filename":"/a"}}""")]
    [InlineData("""json:{"driver":"qcow2","backing":"node0","file":{"driver":"file","filename":"/a"}}""")]
    [InlineData("""json:{"driver":"qcow2","data-file":{"driver":"file","filename":"/b"},"file":{"driver":"file","filename":"/a"}}""")]
    [InlineData("""json:{"driver":"quorum","children":[{"driver":"file","filename":"/a"}]}""")]
    [InlineData("""json:{"driver":"blkdebug","image":{"driver":"file","filename":"/a"}}""")]
    [InlineData("""json:{"driver":"vvfat","dir":"/a"}""")]
    [InlineData("""json:{"driver":"raw","filename":"/b","file":{"driver":"rbd"},"backing":"x"}""")]
    [InlineData("""json:{"filename":"\ud800"}""")]
    public void Whatever_else_is_said_to_be_unknown(string name)
    {
        BackingName meant = BackingName.Parse(name);
        Assert.NotNull(meant.Unknown);
        Assert.Null(meant.Path);
    }
}
