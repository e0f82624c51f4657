// The AAR for Android, from the same sources as pom.xml. It needs two things that are made before it:
//   gridGenerated   the Kotlin code that uniffi-bindgen makes from the library
//   gridLibraries   the folder jniLibs that scripts/build-android makes
// Explicit API mode is judged by the Maven build, which compiles generated code apart.
plugins {
    id("com.android.library") version "8.13.0"
    id("org.jetbrains.kotlin.android") version "2.4.21"
    `maven-publish`
}

group = "cn.gridfieldbook"
version = "0.1.0"

val gridGenerated: String by project
val gridLibraries: String by project

android {
    namespace = "cn.gridfieldbook"
    compileSdk = 35

    defaultConfig {
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    sourceSets["main"].apply {
        java.srcDir(gridGenerated)
        jniLibs.srcDir(gridLibraries)
    }

    publishing {
        singleVariant("release") { withSourcesJar() }
    }
}

kotlin {
    jvmToolchain(17)
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
    // The AAR brings JNA's own library for each processor; the jar does not.
    implementation("net.java.dev.jna:jna:5.19.1@aar")
}

publishing {
    publications {
        register<MavenPublication>("release") {
            artifactId = "fieldbook"
            afterEvaluate { from(components["release"]) }
        }
    }
}
