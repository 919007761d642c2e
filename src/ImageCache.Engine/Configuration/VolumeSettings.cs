namespace ImageCache.Engine.Configuration;

/// <summary>The settings of links to volumes.</summary>
internal static class VolumeSettings
{
    /// <summary>The setting that messages name.</summary>
    public const string VolumeInUseName = "volume_in_use";

    private const string Refuse = "refuse";
    private const string Clone = "clone";

    private static readonly SettingFormat<VolumeInUse> InUse = SettingFormats.Choice((Refuse, VolumeInUse.Refuse), (Clone, VolumeInUse.Clone));

    public static IEnumerable<SettingDefinition> All() =>
    [
        new SettingDefinition<bool>("volume_link", "Whether images may be links to the Cinder volumes that hold them.", SettingFormats.Flag)
        {
            Get = static c => c.VolumeLink,
            Set = static (c, value) => c with { VolumeLink = value },
        },
        new SettingDefinition<VolumeInUse>(
            VolumeInUseName, "What is done with an image's volume that only one node can have at a time: refuse takes it while it is free, clone makes a volume of this node's own.", InUse)
        {
            Get = static c => c.VolumeInUse,
            Set = static (c, value) => c with { VolumeInUse = value },
            Show = static value => value == VolumeInUse.Clone ? Clone : Refuse,
        },
        new SettingDefinition<string>("volume_host", "This node's name to Cinder, the same each time.", SettingFormats.Text)
        {
            Get = static c => c.VolumeHost,
            Set = static (c, value) => c with { VolumeHost = value },
            FromNova = NovaSource.FirstOf(SettingFormats.Text, NovaOptions.Host),
        },
        new SettingDefinition<string?>("volume_address", "The address from which this node reaches the storage; empty looks for it.", SettingFormats.Name)
        {
            Get = static c => c.VolumeAddress,
            Set = static (c, value) => c with { VolumeAddress = value },
            FromNova = NovaSource.FirstOf(SettingFormats.Name, NovaOptions.MyIp),
        },
        new SettingDefinition<bool>("volume_multipath", "Whether several paths to one volume become one device.", SettingFormats.Flag)
        {
            Get = static c => c.VolumeMultipath,
            Set = static (c, value) => c with { VolumeMultipath = value },
            FromNova = NovaSource.Option(NovaOptions.VolumeUseMultipath, SettingFormats.Flag),
        },
        new SettingDefinition<bool>("volume_enforce_multipath", "Whether to refuse rather than to do with one path when multipathd does not run.", SettingFormats.Flag)
        {
            Get = static c => c.VolumeEnforceMultipath,
            Set = static (c, value) => c with { VolumeEnforceMultipath = value },
            FromNova = NovaSource.Option(NovaOptions.VolumeEnforceMultipath, SettingFormats.Flag),
        },
        new SettingDefinition<string>("volume_python", "The Python that has os-brick.", SettingFormats.Path)
        {
            Get = static c => c.VolumePython,
            Set = static (c, value) => c with { VolumePython = value },
        },
        new SettingDefinition<string>("volume_root_helper", "What a user who is not root runs os-brick's privileged part with.", SettingFormats.Text)
        {
            Get = static c => c.VolumeRootHelper,
            Set = static (c, value) => c with { VolumeRootHelper = value },
        },
        new SettingDefinition<string>("volume_state_path", "Where this node keeps what it holds of volumes: views, mounts, locks.", SettingFormats.Path)
        {
            Get = static c => c.VolumeStatePath,
            Set = static (c, value) => c with { VolumeStatePath = value },
        },
    ];
}
