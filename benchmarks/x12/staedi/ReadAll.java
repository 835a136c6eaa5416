import io.xlate.edi.stream.EDIInputFactory;
import io.xlate.edi.stream.EDIStreamEvent;
import io.xlate.edi.stream.EDIStreamReader;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads every element of a file as text with StAEDI and prints what measure.py prints. */
public class ReadAll {
    public static void main(String[] arguments) throws Exception {
        long start = System.nanoTime();
        long segments = 0;
        long characters = 0;
        try (InputStream input = new BufferedInputStream(Files.newInputStream(Path.of(arguments[0])));
                EDIStreamReader reader = EDIInputFactory.newFactory().createEDIStreamReader(input)) {
            while (reader.hasNext()) {
                EDIStreamEvent event = reader.next();
                if (event == EDIStreamEvent.START_SEGMENT) {
                    segments++;
                } else if (event == EDIStreamEvent.ELEMENT_DATA) {
                    characters += reader.getText().length();
                }
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("{\"segments\": %d, \"seconds\": %f, \"peak_mb\": %f}%n", segments, seconds, peakMegabytes());
        if (characters == 0) {
            throw new IllegalStateException("nothing was read");
        }
    }

    private static double peakMegabytes() throws Exception {
        List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
        for (String line : status) {
            if (line.startsWith("VmHWM:")) {
                return Integer.parseInt(line.replaceAll("\\D", "")) / 1024.0;
            }
        }
        return 0;
    }
}
