using System.Text.Json;
using ImageCache.Engine.OpenStack.Volumes;

namespace ImageCache.Engine.Tests.Volumes;

/// <summary>What Cinder's drivers answer, in the flat form of the attachments API, with planted secrets where the driver has some.</summary>
internal static class RecordedConnections
{
    public const string PlantedSecret = "planted-ch4p-s3cret";

    public const string Iscsi = """
        {"target_discovered": false, "target_portal": "10.0.5.1:3260", "target_iqn": "iqn.2010-10.org.openstack:volume-4f9c", "target_lun": 0,
         "target_portals": ["10.0.5.1:3260", "10.0.6.1:3260"], "target_iqns": ["iqn.2010-10.org.openstack:volume-4f9c", "iqn.2010-10.org.openstack:volume-4f9c"],
         "target_luns": [0, 0], "volume_id": "4f9c9a3e-53ff-4bd6-8e3b-8b5a6fd1c9a0", "auth_method": "CHAP", "auth_username": "u7Tn", "auth_password": "planted-ch4p-s3cret",
         "discovery_auth_method": "CHAP", "discovery_auth_username": "d", "discovery_auth_password": "planted-ch4p-s3cret-2",
         "encrypted": false, "qos_specs": null, "access_mode": "ro", "cacheable": false, "discard": false, "driver_volume_type": "iscsi",
         "attachment_id": "b5b3d1c5-6b55-4a27-8f0b-33c8e2b1c001", "enforce_multipath": false}
        """;

    public const string FibreChannel = """
        {"target_discovered": false, "target_wwn": ["5006016b0860abcd", "5006016308600123"], "target_lun": 1,
         "initiator_target_map": {"10000090fa534cd0": ["5006016b0860abcd", "5006016308600123"]}, "volume_id": "4f9c9a3e-53ff-4bd6-8e3b-8b5a6fd1c9a0",
         "encrypted": false, "qos_specs": null, "access_mode": "ro", "cacheable": false, "driver_volume_type": "fibre_channel",
         "attachment_id": "b5b3d1c5-6b55-4a27-8f0b-33c8e2b1c002", "enforce_multipath": true}
        """;

    public const string NvmeOf = """
        {"target_nqn": "nqn.2014-08.org.nvmexpress:uuid:0f7c", "portals": [["10.0.5.7", 4420, "tcp"]], "vol_uuid": "4f9c9a3e-53ff-4bd6-8e3b-8b5a6fd1c9a0", "ns_id": 3,
         "host_nqn": "nqn.2014-08.org.nvmexpress:uuid:host", "encrypted": false, "qos_specs": null, "access_mode": "ro", "cacheable": false,
         "driver_volume_type": "nvmeof", "attachment_id": "b5b3d1c5-6b55-4a27-8f0b-33c8e2b1c003", "enforce_multipath": false}
        """;

    public const string Nfs = """
        {"export": "10.0.5.9:/srv/cinder", "name": "volume-4f9c9a3e-53ff-4bd6-8e3b-8b5a6fd1c9a0", "options": "-o vers=4.1", "format": "raw",
         "mount_point_base": "/var/lib/cinder/mnt", "qos_specs": null, "access_mode": "ro", "encrypted": false, "cacheable": false,
         "driver_volume_type": "nfs", "attachment_id": "b5b3d1c5-6b55-4a27-8f0b-33c8e2b1c004"}
        """;

    public const string Rbd = """
        {"name": "volumes/volume-4f9c9a3e-53ff-4bd6-8e3b-8b5a6fd1c9a0", "hosts": ["10.0.5.3", "[fd00::3]"], "ports": ["6789", "6789"], "cluster_name": "ceph",
         "auth_enabled": true, "auth_username": "cinder", "secret_type": "ceph", "secret_uuid": "457eb676-33da-42ec-9a8c-9293d545c337",
         "volume_id": "4f9c9a3e-53ff-4bd6-8e3b-8b5a6fd1c9a0", "discard": true, "qos_specs": null, "access_mode": "ro", "encrypted": false, "cacheable": false,
         "driver_volume_type": "rbd", "attachment_id": "b5b3d1c5-6b55-4a27-8f0b-33c8e2b1c005"}
        """;

    /// <summary>Reads one.</summary>
    public static ConnectionInfo Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return ConnectionInfo.TryParse(document.RootElement, out ConnectionInfo? connection, out string? reason) ? connection : throw new FormatException(reason);
    }
}
