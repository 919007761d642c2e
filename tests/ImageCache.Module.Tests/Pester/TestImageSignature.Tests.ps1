BeforeDiscovery {
    $keyTypes = 'RSA-PSS', 'DSA', 'ECC_SECT571K1', 'ECC_SECT409K1', 'ECC_SECT571R1', 'ECC_SECT409R1', 'ECC_SECP521R1', 'ECC_SECP384R1'
    $methods = 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'
    $pairs = foreach ($keyType in $keyTypes) { foreach ($method in $methods) { @{ KeyType = $keyType; Method = $method } } }

    # What is signed by whom, whom is trusted, and what comes of it.
    $cases = @(
        @{ What = 'a self-signed certificate'; Sign = @('--cert', 'self'); Status = 'Valid' }
        @{ What = 'a trusted issuer'; Sign = @('--cert', 'issued'); Trust = 'ca'; Status = 'Valid' }
        @{ What = 'no trusted issuer'; Sign = @('--cert', 'self'); Trust = 'ca'; Status = 'Untrusted' }
        @{ What = 'a foreign authority'; Sign = @('--cert', 'foreign'); Trust = 'ca'; Status = 'Untrusted' }
        @{ What = 'an expired certificate'; Sign = @('--cert', 'expired'); Status = 'Untrusted' }
        @{ What = 'a certificate of the future'; Sign = @('--cert', 'future'); Status = 'Untrusted' }
        @{ What = 'a certificate for another usage'; Sign = @('--cert', 'usage'); Trust = 'ca'; Status = 'Untrusted' }
        @{
            What = 'a certificate that nobody has'; Sign = @('--property', 'img_signature_certificate_uuid=00000000-0000-4000-8000-000000000000')
            Status = 'Unverifiable'
        }
        @{ What = 'an unknown hash method'; Sign = @('--property', 'img_signature_hash_method=MD5'); Status = 'Unverifiable' }
        @{ What = 'a tampered signature'; Sign = @('--property', 'img_signature=AAAA'); Status = 'Invalid' }
        @{ What = 'tampered bytes'; Sign = @(); File = 'other'; Status = 'Invalid' }
        @{ What = 'Barbican down'; Sign = @(); Down = $true; Status = 'Unverifiable' }
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestBed.psm1') -Force
    Clear-CloudEnvironment
    Import-TestModule
}

Describe 'Test-ImageSignature of a file' {
    BeforeAll {
        $node = New-TestNode
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
        $certificates = Join-Path $node.Folder 'certificates'
        $null = New-Item -ItemType Directory $certificates
        Add-Content $node.ConfigurationPath "certificate_directory: $certificates`ncloud: none`nretries: 0"
        $image = New-TestImage $node.Folder
        $key = [Security.Cryptography.RSA]::Create(2048)
        $padding = [Security.Cryptography.RSASignaturePadding]
        $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=Signer', $key, 'SHA256', $padding::Pkcs1)
        $certificate = $request.CreateSelfSigned([DateTimeOffset]::UtcNow.AddDays(-1), [DateTimeOffset]::UtcNow.AddDays(1))
        $id = [guid]::NewGuid().ToString()
        Set-Content (Join-Path $certificates "$id.pem") $certificate.ExportCertificatePem()
        $signature = $key.SignData([IO.File]::ReadAllBytes($image.Path), 'SHA256', $padding::Pss)
        $properties = @{
            img_signature                  = [Convert]::ToBase64String($signature)
            img_signature_hash_method      = 'SHA-256'
            img_signature_key_type         = 'RSA-PSS'
            img_signature_certificate_uuid = $id
        }
    }

    AfterAll {
        Remove-Item $node.Folder -Recurse -Force
    }

    It 'tells how, by whom and over what' {
        $result = Test-ImageSignature @cache -Path $image.Path -Property $properties
        $result | Should -BeOfType ImageCache.SignatureResult
        $result.Status | Should -Be 'Valid'
        $result.KeyType | Should -Be 'RSA-PSS'
        $result.HashMethod | Should -Be 'SHA-256'
        $result.Certificate.Subject | Should -Be 'CN=Signer'
        $result.TrustChecked | Should -BeFalse
        $result.Path | Should -Be $image.Path
        $result.HashedBytes | Should -Be 1MB
        $result.ImageId | Should -BeNullOrEmpty
    }

    It 'takes a path of a PowerShell drive, and one that counts from the location' {
        $null = New-PSDrive -Name sigtest -PSProvider FileSystem -Root $node.Folder
        $leaf = Split-Path $image.Path -Leaf
        Test-ImageSignature @cache -Path "sigtest:/$leaf" -Property $properties -Quiet | Should -BeTrue
        Push-Location $node.Folder
        try { Test-ImageSignature @cache -Path $leaf -Property $properties -Quiet | Should -BeTrue } finally { Pop-Location; Remove-PSDrive sigtest }
    }

    It 'is true with -Quiet for a valid signature only' {
        Test-ImageSignature @cache -Path $image.Path -Property $properties -Quiet | Should -BeExactly $true
        Test-ImageSignature @cache -Path $image.Path -Property @{} -Quiet | Should -BeExactly $false
        Test-ImageSignature @cache -Path $image.Path -Property $properties -TrustedCertificate $id -Quiet | Should -BeExactly $false
    }

    It 'says <Status> of <What>' -ForEach @(
        @{ What = 'no signature'; Change = { $changed.Clear() }; Status = 'Unsigned' }
        @{ What = 'an incomplete one'; Change = { $changed.Remove('img_signature_key_type') }; Status = 'Unverifiable' }
        @{ What = 'a wrong one'; Change = { $changed.img_signature = 'AAAA' }; Status = 'Invalid' }
        @{ What = 'a missing certificate'; Change = { $changed.img_signature_certificate_uuid = [guid]::NewGuid() }; Status = 'Unverifiable' }
    ) {
        $changed = $properties.Clone()
        . $Change
        $result = Test-ImageSignature @cache -Path $image.Path -Property $changed
        $result.Status | Should -Be $Status
        if ($Status -ne 'Unsigned') { $result.Reason | Should -Not -BeNullOrEmpty }
    }

    It 'fails for a file that is not there, and goes on' {
        $file = @{ Path = Join-Path $node.Folder 'nothing'; Property = $properties }
        $result = Test-ImageSignature @cache @file -Quiet -ErrorAction SilentlyContinue -ErrorVariable failed
        $result | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageDataNotFound,ImageCache.Module.Commands.TestImageSignatureCommand'
        $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'shows a result as a row and as a list' {
        $result = Test-ImageSignature @cache -Path $image.Path -Property $properties
        $result | Out-String -Width 160 | Should -Match 'Valid'
        $list = $result | Format-List | Out-String -Width 200
        $list | Should -Match 'CN=Signer; issued by CN=Signer; serial'
        $list | Should -Match '1 MiB: the file'
    }
}

Describe 'Signatures in the lab' {
    BeforeAll {
        $lab = Get-LabEnvironment
        if (-not $lab) { return }
        Use-LabEnvironment $lab
        $tools = Join-Path (Get-RepositoryRoot) 'tests/lab'
        $certificates = Join-Path ($env:IMAGECACHE_LAB ?? '/var/lib/imagecache-testlab') 'sign'
        $folder = Join-Path ([IO.Path]::GetTempPath()) "imagecache-test-$([guid]::NewGuid().ToString('n'))"
        $null = New-Item -ItemType Directory $folder
        $source = (New-TestImage $folder -Size 256KB).Path
        $other = (New-TestImage $folder -Size 256KB).Path
        $imageId = & (Join-Path $tools 'upload') --format raw --visibility public $source
        $command = Join-Path (Get-RepositoryRoot) 'src/ImageCache.Cli/bin/Debug/net10.0/imagecache'

        function Set-Signature {
            [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
            param([string[]] $Option, [string] $File = $source)
            & (Join-Path $tools 'sign-image') @Option --image $imageId $File
            if ($LASTEXITCODE) { throw "sign-image ended with $LASTEXITCODE" }
        }

        # Nobody listens there: Glance, Keystone and Barbican are as good as stopped.
        function Stop-Cloud {
            [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
            param()
            $env:OS_AUTH_URL = 'http://127.0.0.1:9'
        }
    }

    BeforeEach {
        if (-not $imageId) { Set-ItResult -Skipped -Because 'there is no cloud: the lab is not up and OS_AUTH_URL is not set' }
        $node = New-TestNode
        Add-Content $node.ConfigurationPath "retries: 0"
        $cache = @{ ConfigurationPath = $node.ConfigurationPath }
    }

    AfterEach {
        if ($node) { Remove-Item $node.Folder -Recurse -Force }
        Remove-Item Env:OS_KEY_MANAGER_ENDPOINT_OVERRIDE -ErrorAction Ignore
        if ($lab) { Use-LabEnvironment $lab }
    }

    AfterAll {
        if ($imageId -and (Test-Path /usr/bin/openstack)) { /usr/bin/openstack image delete $imageId }
        if ($folder) { Remove-Item $folder -Recurse -Force }
        Clear-CloudEnvironment
    }

    It 'judges <KeyType> with <Method>' -ForEach $pairs {
        Set-Signature -Option '--key', $KeyType, '--hash', $Method
        $result = Test-ImageSignature @cache $imageId
        $result.Status | Should -Be 'Valid' -Because $result.Reason
        $result.KeyType | Should -Be $KeyType
        $result.HashMethod | Should -Be $Method
        $result.HashedBytes | Should -Be 256KB
    }

    It 'says <Status> with <What>, and so does the command' -ForEach $cases {
        Set-Signature -Option $Sign -File $(if ($File) { $other } else { $source })
        if ($Down) { $env:OS_KEY_MANAGER_ENDPOINT_OVERRIDE = 'http://127.0.0.1:9' }
        $trusting = if ($Trust) { @{ TrustedCertificate = Get-Content (Join-Path $certificates "$Trust.uuid") } } else { @{} }

        $result = Test-ImageSignature @cache $imageId @trusting

        $result.Status | Should -Be $Status -Because $result.Reason
        $result.TrustChecked | Should -Be ([bool]$Trust)
        if ($Status -ne 'Valid') { $result.Reason | Should -Not -BeNullOrEmpty }
        Test-ImageSignature @cache $imageId @trusting -Quiet | Should -Be ($Status -eq 'Valid')
        if (-not (Test-Path $command)) { Set-ItResult -Skipped -Because 'the command is not built' }
        $options = if ($Trust) { '--trusted-certificate', $trusting.TrustedCertificate } else { @() }
        $told = & $command signature $imageId @options --json --configuration-path $node.ConfigurationPath
        $LASTEXITCODE | Should -Be $(if ($Status -eq 'Valid') { 0 } else { 3 })
        ($told | ConvertFrom-Json).status | Should -Be $Status
    }

    It 'refuses or warns of <What> as the policy says' -ForEach ($cases | Where-Object Status -NE 'Valid') {
        Set-Signature -Option $Sign -File $(if ($File) { $other } else { $source })
        if ($Down) { $env:OS_KEY_MANAGER_ENDPOINT_OVERRIDE = 'http://127.0.0.1:9' }
        $trusting = if ($Trust) { @{ TrustedCertificate = Get-Content (Join-Path $certificates "$Trust.uuid") } } else { @{} }

        Invoke-ImageFetch @cache $imageId @trusting -RequireSignature -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Be "Signature$Status,ImageCache.Module.Commands.InvokeImageFetchCommand"
        Get-ChildItem $node.CachePath -File | Should -BeNullOrEmpty
        Get-Leftover $node.CachePath | Should -BeNullOrEmpty
        $fetched = Invoke-ImageFetch @cache $imageId @trusting -ErrorAction SilentlyContinue -WarningAction SilentlyContinue -WarningVariable warned
        if ($Status -eq 'Invalid') {
            $fetched | Should -BeNullOrEmpty
        } else {
            $fetched.SignatureStatus | Should -Be $Status
            ($warned -join ' ') | Should -Match 'signature'
        }

        $ignoring = Invoke-ImageFetch @cache $imageId -SignaturePolicy Ignore -WarningAction SilentlyContinue -WarningVariable warned
        $ignoring.Path | Should -Exist
        $warned | Should -BeNullOrEmpty
    }

    It 'keeps what a fetch judged, so that a hit and a test need no service (<Method>)' -ForEach @(@{ Method = 'SHA-256' }, @{ Method = 'SHA-512' }) {
        Set-Signature -Option '--cert', 'issued', '--hash', $Method
        $trusting = @{ TrustedCertificate = Get-Content (Join-Path $certificates 'ca.uuid') }
        (Invoke-ImageFetch @cache $imageId @trusting -RequireSignature).SignatureStatus | Should -Be 'Valid'
        Stop-Cloud
        (Invoke-ImageFetch @cache $imageId @trusting -RequireSignature).Hit | Should -BeTrue
        $result = Get-BaseImage @cache | Test-ImageSignature @cache @trusting
        $result.Status | Should -Be 'Valid'
        $result.Chain.Subject | Should -Be 'CN=ImageCache lab signer', 'CN=ImageCache lab CA'
        $bytes = [IO.File]::ReadAllBytes($result.Path)
        $bytes[1000] = $bytes[1000] -bxor 1
        [IO.File]::WriteAllBytes($result.Path, $bytes)
        (Test-ImageSignature @cache $imageId @trusting).Status | Should -Be 'Invalid'
    }

    It 'takes images from the pipeline and files by their image' {
        Set-Signature -Option '--cert', 'self'
        Find-BaseImage @cache -ImageId $imageId | Test-ImageSignature @cache -Quiet | Should -BeTrue
        Test-ImageSignature @cache -ImageId $imageId -Path $source -Quiet | Should -BeTrue
        Test-ImageSignature @cache -ImageId $imageId -Path $other -Quiet | Should -BeFalse
        $unknown = [guid]::NewGuid().ToString()
        $unknown, $imageId | Test-ImageSignature @cache -Quiet -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeTrue
        $failed[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,ImageCache.Module.Commands.TestImageSignatureCommand'
        $failed[0].TargetObject | Should -Be $unknown
    }
}
